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

/** Memories of a page that are held at the same time, as long as nobody knows how long they are: each may have half a megabyte. */
const PART_SIZE = 100;
/** After a part of so few characters the next one may be twice as large. */
const LIGHT_CHARS = 256 * 1024;

export interface MemoryPage {
	/** Its memories, of which a part is read as it is taken. */
	readonly parts: AsyncGenerator<readonly ListedMemory[], void, undefined>;
	/** Where the next page begins, once all parts were taken; undefined at the end. */
	next(): ListPosition | undefined;
	/** Of all there are in the scope, whatever is listed. */
	readonly counts: MemoryCounts;
}

/** A page of memories with the counts of all there are. What goes wrong with its first part is thrown here. */
export async function browseMemories(
	context: WalkContext,
	listing: Listing,
	{ partSize = PART_SIZE, ...request }: PageRequest & { readonly partSize?: number },
): Promise<MemoryPage> {
	const whole = await withTypedText(context, listing);
	const first = await readPart(context, whole, { ...request, limit: Math.min(request.limit, partSize) });
	let part = first;
	async function* parts(): MemoryPage["parts"] {
		let left = request.limit;
		let size = partSize;
		for (;;) {
			yield part.memories;
			left -= part.memories.length;
			if (!part.next || left <= 0) return;
			size = isLight(part) ? 2 * size : partSize;
			part = await readPart(context, whole, { after: part.next, offset: 0, limit: Math.min(left, size) });
		}
	}
	return {
		parts: parts(),
		next: () => part.next,
		counts: await context.database.read((reader) => countMemories(reader, listing.filter.scope)),
	};
}

interface Part {
	readonly memories: readonly ListedMemory[];
	/** Where it goes on; undefined at the end. */
	readonly next: ListPosition | undefined;
}

function isLight({ memories }: Part): boolean {
	return memories.reduce((chars, { content }) => chars + content.length, 0) <= LIGHT_CHARS;
}

async function readPart(context: WalkContext, listing: Listing, { limit, ...request }: PageRequest): Promise<Part> {
	const found = await readPage(context, listing, { ...request, limit: limit + 1 });
	const memories = found.slice(0, limit);
	const last = found.length > limit ? memories.at(-1) : undefined;
	return { memories, next: last && { createdMs: last.createdMs, id: last.id } };
}

/** The listing with those memories that only our lexicon finds. */
async function withTypedText(context: WalkContext, listing: Listing): Promise<Listing> {
	const { words, filter } = listing;
	if (words === undefined) return listing;
	const matches = await matchTypedText(context, words, { filter, limit: Number.MAX_SAFE_INTEGER });
	return { ...listing, withWords: matches.map(({ id }) => id) };
}
