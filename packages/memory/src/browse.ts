import { type MemoryScope, notFound } from "@signet/core";
import {
	countMemories,
	type Database,
	findMemory,
	findMemoryOfChunk,
	type ListedMemory,
	type Listing,
	type ListPosition,
	type MemoryCounts,
	type MemoryRow,
} from "@signet/db";
import { matchTypedText } from "@signet/search";
import { type PageRequest, readPage, type WalkContext } from "./listing-walk.ts";

/**
 * The memory of an id, or the one that has a chunk of that id. Throws when there is none in the scope, or it was
 * forgotten, unless forgotten ones are asked for.
 */
export async function readMemory(
	database: Database,
	id: string,
	{ scope, isForgottenToo = false }: { scope: MemoryScope; isForgottenToo?: boolean },
): Promise<MemoryRow> {
	const row = await database.read(
		async (reader) => (await findMemory(reader, id, scope)) ?? findMemoryOfChunk(reader, id, scope),
	);
	if (!row || (row.is_deleted === 1 && !isForgottenToo)) throw notFound("not found");
	return row;
}

export interface MemoryPage {
	readonly memories: readonly ListedMemory[];
	/** Where the next page begins; undefined at the end. */
	readonly next: ListPosition | undefined;
	/** Of all there are in the scope, whatever is listed. */
	readonly counts: MemoryCounts;
}

/** A page of memories with the counts of all there are. */
export async function browseMemories(
	context: WalkContext,
	listing: Listing,
	{ limit, ...request }: PageRequest,
): Promise<MemoryPage> {
	const found = await readPage(context, await withTypedText(context, listing), { ...request, limit: limit + 1 });
	const memories = found.slice(0, limit);
	const last = found.length > limit ? memories.at(-1) : undefined;
	return {
		memories,
		next: last && { createdMs: last.createdMs, id: last.id },
		counts: await context.database.read((reader) => countMemories(reader, listing.filter.scope)),
	};
}

/** The listing with those memories that only our lexicon finds. */
async function withTypedText(context: WalkContext, listing: Listing): Promise<Listing> {
	const { words, filter } = listing;
	if (words === undefined) return listing;
	const matches = await matchTypedText(context, words, { filter, limit: Number.MAX_SAFE_INTEGER });
	return { ...listing, withWords: matches.map(({ id }) => id) };
}
