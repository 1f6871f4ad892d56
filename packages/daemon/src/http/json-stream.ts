import type { Timers } from "@signet/core";

/** An answer that is sent as it comes: pieces of JSON, of which one is held at a time. */
export class JsonStream {
	constructor(readonly pieces: AsyncGenerator<string, void, undefined>) {}
}

/** A list that is made bit by bit. */
export interface StreamedList {
	readonly name: string;
	readonly batches: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>;
}

export interface StreamedObject {
	/** Its first member. */
	readonly list: StreamedList;
	/** The members that follow when the length of the list is known. */
	readonly rest: (count: number) => Readonly<Record<string, unknown>>;
	/** Its last member, made when all others are sent. */
	readonly lastList?: StreamedList;
}

/**
 * An answer of one JSON object with lists that are too long to be made at once: they are sent as they come, and others have
 * a turn between their batches.
 */
export function streamObject(timers: Pick<Timers, "yield">, object: StreamedObject): JsonStream {
	return new JsonStream(piecesOf(timers, object));
}

async function* piecesOf(
	timers: Pick<Timers, "yield">,
	{ list, rest, lastList }: StreamedObject,
): AsyncGenerator<string, void, undefined> {
	yield "{";
	const count = yield* listOf(timers, list);
	const members = Object.entries(rest(count)).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
	yield members.join("");
	if (lastList) {
		yield ",";
		yield* listOf(timers, lastList);
	}
	yield "}";
}

/** Returns how many there are. */
async function* listOf(
	timers: Pick<Timers, "yield">,
	{ name, batches }: StreamedList,
): AsyncGenerator<string, number, undefined> {
	let count = 0;
	yield `${JSON.stringify(name)}:[`;
	for await (const batch of batches) {
		if (batch.length === 0) continue;
		yield `${count > 0 ? "," : ""}${batch.map((item) => JSON.stringify(item)).join(",")}`;
		count += batch.length;
		await timers.yield();
	}
	yield "]";
	return count;
}
