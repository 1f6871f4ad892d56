/** An answer that is sent as it comes: pieces of JSON, of which one is held at a time. */
export class JsonStream {
	constructor(readonly pieces: AsyncGenerator<string, void, undefined>) {}
}

/**
 * An answer of one JSON object whose first member, a list, is too long to be made at once. The other members follow when
 * the length of the list is known.
 */
export function streamList(
	name: string,
	batches: AsyncIterable<readonly unknown[]>,
	rest: (count: number) => Readonly<Record<string, unknown>>,
): JsonStream {
	return new JsonStream(piecesOf(name, batches, rest));
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
