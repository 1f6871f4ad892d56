/** How well a list of results answers a question whose right answers are known. */
export interface Metrics {
	/** Share of the right answers among the first k. */
	readonly recall: Readonly<Record<number, number>>;
	/** Normalised discounted cumulative gain of the first ten, each right answer counting 1 (Järvelin, Kekäläinen 2002). */
	readonly ndcg10: number;
	/** One over the place of the first right answer; 0 when there is none. */
	readonly reciprocalRank: number;
}

export const CUTS = [1, 5, 10, 20] as const;

/** @param results the best first; a result may stand for several answers @param right at least one */
export function measure(results: readonly string[], right: ReadonlySet<string>): Metrics {
	const found = (k: number) => results.slice(0, k).filter((id) => right.has(id)).length;
	const recall = Object.fromEntries(CUTS.map((k) => [k, found(k) / right.size]));
	const gain = results.slice(0, 10).reduce((sum, id, place) => sum + (right.has(id) ? discount(place) : 0), 0);
	const ideal = Array.from({ length: Math.min(10, right.size) }, (_, place) => discount(place)).reduce(
		(a, b) => a + b,
		0,
	);
	const first = results.findIndex((id) => right.has(id));
	return { recall, ndcg10: gain / ideal, reciprocalRank: first < 0 ? 0 : 1 / (first + 1) };
}

/** The mean of many. */
export function mean(all: readonly Metrics[]): Metrics {
	const average = (of: (metrics: Metrics) => number) => all.reduce((sum, metrics) => sum + of(metrics), 0) / all.length;
	return {
		recall: Object.fromEntries(CUTS.map((k) => [k, average(({ recall }) => recall[k] ?? 0)])),
		ndcg10: average(({ ndcg10 }) => ndcg10),
		reciprocalRank: average(({ reciprocalRank }) => reciprocalRank),
	};
}

function discount(place: number): number {
	return 1 / Math.log2(place + 2);
}
