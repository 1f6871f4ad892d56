import type { MemoryFilter } from "@signet/core";
import sql from "sql-template-tag";
import type { Reader } from "../database.ts";
import { memoryPredicate } from "./memory-predicate.ts";

/**
 * Memories by the reference's full-text table: all of the words, or any of them. `score` is BM25 as SQLite computes it
 * with its defaults over the content alone, forgotten rows counting; positive, larger is better.
 */
export function matchMemoriesFts(
	reader: Reader,
	{
		words,
		mode,
		filter,
		limit,
	}: { words: readonly string[]; mode: "all" | "any"; filter: MemoryFilter; limit: number },
): Promise<{ id: string; score: number }[]> {
	const query = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(mode === "all" ? " AND " : " OR ");
	return reader.all(sql`
		SELECT m.id, -bm25(memories_fts) AS score
		FROM memories_fts JOIN memories m ON m.rowid = memories_fts.rowid
		WHERE memories_fts MATCH ${query} AND ${memoryPredicate(filter)}
		ORDER BY score DESC, m.rowid LIMIT ${limit}`);
}
