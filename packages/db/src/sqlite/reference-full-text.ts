import type { MemoryFilter } from "@signet/core";
import sql from "sql-template-tag";
import type { Reader } from "../database.ts";
import { fullTextQuery, quoteWord } from "./full-text-query.ts";
import { memoryPredicate } from "./memory-predicate.ts";

/** A memory that matched. */
export interface FtsMatch {
	readonly id: string;
	/**
	 * BM25 as SQLite computes it with its defaults over the content alone, forgotten rows counting; positive, larger is
	 * better.
	 */
	readonly score: number;
}

/** A word, or any that begins so. */
export type FtsWord = string | { readonly beginning: string };

/** Memories by the reference's full-text table: all of the words, or any of them; best first. */
export function matchMemoriesFts(
	reader: Reader,
	{ words, mode, ...among }: { words: readonly FtsWord[]; mode: "all" | "any"; filter: MemoryFilter; limit: number },
): Promise<FtsMatch[]> {
	const quoted = words.map((word) => (typeof word === "string" ? quoteWord(word) : `${quoteWord(word.beginning)}*`));
	return match(reader, quoted.join(mode === "all" ? " AND " : " OR "), among);
}

/**
 * Memories by the reference's full-text table as a person asks for them: all words must occur; a phrase in quotes as it
 * stands; `word*` is the beginning of a word. Best first.
 */
export async function searchMemoriesFts(
	reader: Reader,
	text: string,
	among: { filter: MemoryFilter; limit: number },
): Promise<FtsMatch[]> {
	const query = fullTextQuery(text);
	return query === undefined ? [] : match(reader, query, among);
}

function match(
	reader: Reader,
	query: string,
	{ filter, limit }: { filter: MemoryFilter; limit: number },
): Promise<FtsMatch[]> {
	return reader.all<FtsMatch>(sql`
		SELECT m.id, -bm25(memories_fts) AS score
		FROM memories_fts JOIN memories m ON m.rowid = memories_fts.rowid
		WHERE memories_fts MATCH ${query} AND ${memoryPredicate(filter)}
		ORDER BY score DESC, m.rowid LIMIT ${limit}`);
}
