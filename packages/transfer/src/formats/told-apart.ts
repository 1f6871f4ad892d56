import { type Found, textOf } from "./found.ts";

/**
 * A source that says several things in one import says all of them: the second and later ones get a place after the id
 * of the source (`W-1#2`). Taken in again, each place is the same memory, so that what says something else there changes
 * it and is not there twice.
 */
export async function* toldApart(found: AsyncIterable<Found>): AsyncIterable<Found> {
	const said = new Map<string, number>();
	for await (const row of found) {
		const sourceId = "kind" in row && row.kind === "text" ? textOf(row.memory.sourceId) : undefined;
		if (sourceId === undefined || !("kind" in row) || row.kind !== "text") {
			yield row;
			continue;
		}
		const { sourceType } = row.memory;
		const source = JSON.stringify([sourceType, sourceId]);
		const place = (said.get(source) ?? 0) + 1;
		said.set(source, place);
		yield place === 1 ? row : { ...row, memory: { ...row.memory, sourceId: `${sourceId}#${place}` } };
	}
}
