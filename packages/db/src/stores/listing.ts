import type { MemoryFilter } from "@signet/core";
import sql, { join, type Sql } from "sql-template-tag";
import type { Reader } from "../database.ts";
import { CREATED_MS } from "../sqlite/created-ms.ts";
import { fullTextQuery } from "../sqlite/full-text-query.ts";
import { list } from "../sqlite/list.ts";
import { MEMORY_COLUMNS } from "../sqlite/memory-columns.ts";
import { memoryPredicate, type Standing } from "../sqlite/memory-predicate.ts";
import type { MemoryRow } from "./memories.ts";

export type { Standing } from "../sqlite/memory-predicate.ts";

/** Which memories are listed and how. Within a millisecond they are in the order of their ids. */
export interface Listing {
	readonly filter: MemoryFilter;
	/** `active`, when it is left out. */
	readonly standing?: Standing;
	/** From the oldest on (`asc`) or from the newest on (`desc`, when it is left out). */
	readonly order?: "asc" | "desc";
	/** Words that must all occur; a phrase in quotes, `word*` for the beginning of a word. */
	readonly words?: string;
	/** Memories that are known to have those words too. */
	readonly withWords?: readonly string[];
	/** Only those that have a vector in `embeddings`. */
	readonly hasEmbedding?: boolean;
}

/** The place of a memory among all. It stays where it is when others come and go. */
export interface ListPosition {
	/** Milliseconds since the epoch. */
	readonly createdMs: number;
	readonly id: string;
}

/** A part of all memories: those behind one position, up to and with another one. Left out, it has no such end. */
export interface ListingPart {
	readonly after?: ListPosition | undefined;
	readonly upTo?: ListPosition | undefined;
}

export interface ListedMemory extends MemoryRow {
	/** Milliseconds since the epoch. */
	readonly createdMs: number;
}

/**
 * The position of the memory `count` places behind another, among those of the right age and standing, whether or not
 * the rest of the filter lets them through; undefined when the end is nearer. Takes no more than a glance at each, so
 * that what has to look into them can go part by part.
 */
export function positionBehind(
	reader: Reader,
	{ filter: { scope, sinceMs, untilMs }, standing, order }: Listing,
	after: ListPosition | undefined,
	count: number,
): Promise<ListPosition | undefined> {
	const age = { scope, ...(sinceMs !== undefined && { sinceMs }), ...(untilMs !== undefined && { untilMs }) };
	return reader.get<ListPosition>(sql`
		SELECT ${CREATED_MS} AS createdMs, m.id FROM memories m
		WHERE ${join([memoryPredicate(age, standing), ...bounds(order, { after })], " AND ")}
		${inOrder(order)} LIMIT 1 OFFSET ${count - 1}`);
}

/** The memories of a part, in order. */
export function readListed(
	reader: Reader,
	listing: Listing,
	part: ListingPart,
	{ limit, offset = 0 }: { limit: number; offset?: number },
): Promise<ListedMemory[]> {
	return reader.all<ListedMemory>(sql`
		SELECT ${MEMORY_COLUMNS}, ${CREATED_MS} AS createdMs FROM memories m WHERE ${condition(listing, part)}
		${inOrder(listing.order)} LIMIT ${limit} OFFSET ${offset}`);
}

export async function countListed(reader: Reader, listing: Listing, part: ListingPart): Promise<number> {
	const row = await reader.get<{ n: number }>(
		sql`SELECT count(*) AS n FROM memories m WHERE ${condition(listing, part)}`,
	);
	return row?.n ?? 0;
}

/** Who the memories of a part are of, each once. */
export async function authorsListed(reader: Reader, listing: Listing, part: ListingPart): Promise<string[]> {
	const rows = await reader.all<{ who: string }>(
		sql`SELECT DISTINCT m.who FROM memories m WHERE m.who IS NOT NULL AND ${condition(listing, part)}`,
	);
	return rows.map(({ who }) => who);
}

function condition({ filter, standing, order, words, withWords = [], hasEmbedding }: Listing, part: ListingPart): Sql {
	const conditions = [memoryPredicate(filter, standing), ...bounds(order, part)];
	if (words !== undefined) conditions.push(sql`(${hasWords(words)} OR m.id IN ${list(withWords)})`);
	if (hasEmbedding) {
		conditions.push(sql`EXISTS (SELECT 1 FROM embeddings e WHERE e.source_type = 'memory' AND e.source_id = m.id)`);
	}
	return join(conditions, " AND ");
}

/** By the reference's table, which has forgotten memories as well. The sign keeps the list's own order in charge. */
function hasWords(words: string): Sql {
	const query = fullTextQuery(words);
	if (query === undefined) return sql`0`;
	return sql`+m.rowid IN (SELECT rowid FROM memories_fts WHERE memories_fts MATCH ${query})`;
}

/** The time by itself as well, because the index is searched by that alone. */
function bounds(order: Listing["order"], { after, upTo }: ListingPart): Sql[] {
	const conditions: Sql[] = [];
	if (after) {
		const { createdMs, id } = after;
		conditions.push(
			order === "asc"
				? sql`${CREATED_MS} >= ${createdMs} AND (${CREATED_MS} > ${createdMs} OR m.id > ${id})`
				: sql`${CREATED_MS} <= ${createdMs} AND (${CREATED_MS} < ${createdMs} OR m.id < ${id})`,
		);
	}
	if (upTo) {
		const { createdMs, id } = upTo;
		conditions.push(
			order === "asc"
				? sql`${CREATED_MS} <= ${createdMs} AND (${CREATED_MS} < ${createdMs} OR m.id <= ${id})`
				: sql`${CREATED_MS} >= ${createdMs} AND (${CREATED_MS} > ${createdMs} OR m.id >= ${id})`,
		);
	}
	return conditions;
}

function inOrder(order: Listing["order"]): Sql {
	return order === "asc" ? sql`ORDER BY ${CREATED_MS}, m.id` : sql`ORDER BY ${CREATED_MS} DESC, m.id DESC`;
}
