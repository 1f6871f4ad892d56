/** What a load was answered with. Times in milliseconds, from sending a request to having read its answer. */
export interface LoadFigures {
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly longest: number;
	readonly perSecond: number;
}

/** Let `clients` send one request after the other, until all items are sent. */
export async function load<T>(
	items: readonly T[],
	clients: number,
	send: (item: T) => Promise<unknown>,
): Promise<LoadFigures> {
	const times: number[] = [];
	let next = 0;
	const startedAt = performance.now();
	const client = async () => {
		while (next < items.length) {
			const item = items[next++] as T;
			const sentAt = performance.now();
			await send(item);
			times.push(performance.now() - sentAt);
		}
	};
	await Promise.all(Array.from({ length: clients }, client));
	return summarise(times, performance.now() - startedAt);
}

export function summarise(times: readonly number[], totalMs: number): LoadFigures {
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
	return {
		p50: at(0.5),
		p90: at(0.9),
		p99: at(0.99),
		longest: at(1),
		perSecond: (1000 * times.length) / totalMs,
	};
}

/** Times of a synchronous work, one run for each item. */
export function timeEach<T>(items: readonly T[], work: (item: T) => unknown): LoadFigures {
	const times: number[] = [];
	const startedAt = performance.now();
	for (const item of items) {
		const begunAt = performance.now();
		work(item);
		times.push(performance.now() - begunAt);
	}
	return summarise(times, performance.now() - startedAt);
}
