/**
 * An answer of one JSON object whose first member, a list, is too long to be made at once: it is sent as it comes. The
 * other members follow when the length of the list is known.
 */
export function streamList(
	name: string,
	batches: AsyncIterable<readonly unknown[]>,
	rest: (count: number) => Readonly<Record<string, unknown>>,
): Response {
	const iterator = piecesOf(name, batches, rest);
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			const { done, value } = await iterator.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		async cancel() {
			await iterator.return(undefined);
		},
	});
	return new Response(body, { headers: { "content-type": "application/json" } });
}

async function* piecesOf(
	name: string,
	batches: AsyncIterable<readonly unknown[]>,
	rest: (count: number) => Readonly<Record<string, unknown>>,
): AsyncGenerator<string, void, undefined> {
	let count = 0;
	yield `{${JSON.stringify(name)}:[`;
	for await (const batch of batches) {
		if (batch.length === 0) continue;
		yield `${count > 0 ? "," : ""}${batch.map((item) => JSON.stringify(item)).join(",")}`;
		count += batch.length;
	}
	const members = Object.entries(rest(count)).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
	yield `]${members.join("")}}`;
}
