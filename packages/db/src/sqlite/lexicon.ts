import type { MemoryFilter } from "@signet/core";
import sql, { raw } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "./list.ts";
import { isRestrictive, memoryPredicate } from "./memory-predicate.ts";

/** The words of a document as the lexicon keeps them, each field tokenised and joined by blanks. */
export interface LexiconEntry {
	readonly doc: number;
	readonly text: string;
	/** Tags, author and project. */
	readonly labels: string;
	/** The day on which it was remembered, in the words that people use for days. */
	readonly day: string;
}

/** How much a word counts in each field. */
export interface FieldWeights {
	readonly text: number;
	readonly labels: number;
	readonly day: number;
}

export interface LexiconMatch {
	readonly doc: number;
	readonly memoryId: string;
	/** BM25 with k1 = 1.2 and b = 0.75, positive, larger is better. */
	readonly score: number;
}

/** Enter a document, or replace what was entered under its number. */
export async function putLexiconEntry(writer: Writer, { doc, text, labels, day }: LexiconEntry): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_lexicon WHERE rowid = ${doc}`);
	await writer.run(sql`INSERT INTO sgn_lexicon (rowid, text, labels, day) VALUES (${doc}, ${text}, ${labels}, ${day})`);
}

/** Documents that hold any of the words, the best first. */
export function matchLexicon(
	reader: Reader,
	options: { words: readonly string[]; weights: FieldWeights; filter: MemoryFilter; limit: number },
): Promise<LexiconMatch[]> {
	const { words, weights, filter, limit } = options;
	const query = words.map(quoteWord).join(" OR ");
	const rank = raw(`bm25(sgn_lexicon, ${weights.text}, ${weights.labels}, ${weights.day})`);
	if (!isRestrictive(filter)) {
		return reader.all<LexiconMatch>(sql`
			SELECT d.doc, d.memory_id AS memoryId, hit.score FROM (
				SELECT rowid AS doc, -${rank} AS score FROM sgn_lexicon
				WHERE sgn_lexicon MATCH ${query} ORDER BY ${rank} LIMIT ${limit}
			) hit JOIN sgn_documents d ON d.doc = hit.doc ORDER BY hit.score DESC, d.doc`);
	}
	return reader.all<LexiconMatch>(sql`
		SELECT d.doc, d.memory_id AS memoryId, -${rank} AS score
		FROM sgn_lexicon JOIN sgn_documents d ON d.doc = sgn_lexicon.rowid JOIN memories m ON m.id = d.memory_id
		WHERE sgn_lexicon MATCH ${query} AND ${memoryPredicate(filter)} ORDER BY score DESC, d.doc LIMIT ${limit}`);
}

/** In how many documents each word occurs; words that occur in none are left out. */
export async function documentFrequencies(reader: Reader, words: readonly string[]): Promise<Map<string, number>> {
	if (words.length === 0) return new Map();
	const rows = await reader.all<{ term: string; doc: number }>(
		sql`SELECT term, doc FROM sgn_lexicon_terms WHERE term IN ${list(words)}`,
	);
	return new Map(rows.map(({ term, doc }) => [term, doc]));
}

/** A word as an FTS5 string, which nothing in it can end. */
function quoteWord(word: string): string {
	return `"${word.replaceAll('"', '""')}"`;
}
