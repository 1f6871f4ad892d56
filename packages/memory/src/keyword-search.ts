import type { MemoryFilter, MemoryScope, World } from "@signet/core";
import {
	authorsListed,
	isRestrictive,
	type ListedMemory,
	type MemoryRow,
	readListed,
	readMemories,
	searchMemoriesFts,
} from "@signet/db";
import { matchTypedText } from "@signet/search";
import { partsOf, type WalkContext } from "./listing-walk.ts";

const MS_PER_DAY = 86_400_000;
/** What a memory is worth after a day, as a part of what it was worth before. */
const KEPT_A_DAY = 0.95;
/** However old it is, this part of its worth remains. */
const LEAST_KEPT = 0.1;

export interface KeywordRequest {
	readonly text: string;
	readonly filter: MemoryFilter;
	readonly limit: number;
}

export interface KeywordMatch {
	readonly memory: MemoryRow;
	/** For words BM25 as SQLite gives it: negative, less is better. For filters alone from 0 to 1, more is better. */
	readonly score: number;
}

interface KeywordContext extends WalkContext {
	readonly world: WalkContext["world"] & Pick<World, "clock">;
}

/**
 * Memories that have all of the words, best first, or, without words, those that the filter lets through: the pinned,
 * the important and the new first. Nothing, when neither is given.
 */
export async function searchKeywords(context: KeywordContext, request: KeywordRequest): Promise<KeywordMatch[]> {
	if (request.text.trim() !== "") return matchWords(context, request);
	return isRestrictive(request.filter) ? mostRelevant(context, request) : [];
}

/** Who all memories of a scope are of, in alphabetical order. */
export async function listAuthors(context: WalkContext, scope: MemoryScope): Promise<string[]> {
	const authors = new Set<string>();
	const listing = { filter: { scope } };
	for await (const part of partsOf(context, listing)) {
		for (const who of await context.database.read((reader) => authorsListed(reader, listing, part))) authors.add(who);
	}
	return [...authors].sort();
}

async function matchWords(context: WalkContext, { text, filter, limit }: KeywordRequest): Promise<KeywordMatch[]> {
	const { database } = context;
	const byTable = await database.read((reader) => searchMemoriesFts(reader, text, { filter, limit }));
	const known = new Set(byTable.map(({ id }) => id));
	const isEnough = byTable.length >= limit;
	const besides = isEnough ? [] : await matchTypedText(context, text, { filter, limit: limit - known.size, known });
	const matches = [...byTable, ...besides].sort((a, b) => b.score - a.score);
	const ids = matches.map(({ id }) => id);
	const rows = await database.read((reader) => readMemories(reader, ids, filter));
	const byId = new Map(rows.map((row) => [row.id, row]));
	return matches.flatMap(({ id, score }) => {
		const memory = byId.get(id);
		return memory ? [{ memory, score: -score }] : [];
	});
}

async function mostRelevant(context: KeywordContext, { filter, limit }: KeywordRequest): Promise<KeywordMatch[]> {
	const nowMs = context.world.clock.now();
	let best: KeywordMatch[] = [];
	for await (const part of partsOf(context, { filter })) {
		const memories = await context.database.read((reader) =>
			readListed(reader, { filter }, part, { limit: Number.MAX_SAFE_INTEGER }),
		);
		const scored = memories.map((memory) => ({ memory, score: relevance(memory, nowMs) }));
		best = [...best, ...scored].sort((a, b) => b.score - a.score).slice(0, limit);
	}
	return best;
}

function relevance({ pinned, importance, createdMs }: ListedMemory, nowMs: number): number {
	if (pinned === 1) return 1;
	const days = Math.trunc((nowMs - createdMs) / MS_PER_DAY);
	return importance * Math.max(LEAST_KEPT, KEPT_A_DAY ** days);
}
