import type { World } from "@signet/core";
import {
	countListed,
	type Database,
	isRestrictive,
	type ListedMemory,
	type Listing,
	type ListingPart,
	type ListPosition,
	positionBehind,
	readListed,
} from "@signet/db";

/** Memories looked through in one go, whether or not they are listed: a few milliseconds. */
const LOOKED_THROUGH = 2_000;

export interface WalkContext {
	readonly database: Database;
	readonly world: { readonly timers: Pick<World["timers"], "yield"> };
}

export interface PageRequest {
	/** Where the page before this one ended. */
	readonly after?: ListPosition | undefined;
	/** Memories to pass over first. */
	readonly offset: number;
	readonly limit: number;
}

/** All memories of a listing in parts, giving way to other work between them: a filter may let none of many through. */
export async function* partsOf(
	{ database, world }: WalkContext,
	listing: Listing,
	after?: ListPosition,
): AsyncGenerator<ListingPart> {
	for (let from = after; ; ) {
		const upTo = await database.read((reader) => positionBehind(reader, listing, from, LOOKED_THROUGH));
		yield { after: from, upTo };
		if (!upTo) return;
		from = upTo;
		await world.timers.yield();
	}
}

/** A page of a listing. */
export async function readPage(
	context: WalkContext,
	listing: Listing,
	{ after, offset, limit }: PageRequest,
): Promise<ListedMemory[]> {
	const { database } = context;
	if (offset > 0 && listsAll(listing)) {
		const next = await database.read((reader) => positionBehind(reader, listing, after, offset));
		return next ? readPage(context, listing, { after: next, offset: 0, limit }) : [];
	}
	const page: ListedMemory[] = [];
	let passedOver = 0;
	for await (const part of partsOf(context, listing, after)) {
		const toPassOver = offset - passedOver;
		if (toPassOver > 0) {
			const count = await database.read((reader) => countListed(reader, listing, part));
			passedOver += Math.min(count, toPassOver);
			if (count <= toPassOver) continue;
		}
		const wanted = { limit: limit - page.length, offset: toPassOver };
		page.push(...(await database.read((reader) => readListed(reader, listing, part, wanted))));
		if (page.length >= limit) break;
	}
	return page;
}

/** Whether every memory of the right standing is listed, so that their number alone says where the next one is. */
function listsAll({ filter, words, hasEmbedding }: Listing): boolean {
	return !isRestrictive(filter) && words === undefined && !hasEmbedding;
}
