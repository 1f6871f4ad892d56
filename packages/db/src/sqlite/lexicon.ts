import type { MemoryFilter } from "@signet/core";
import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { quoteWord } from "./full-text-query.ts";
import { isRestrictive, memoryPredicate } from "./memory-predicate.ts";

/** Enter the words of a new document, joined by blanks. */
export async function addLexiconEntry(writer: Writer, doc: number, words: string): Promise<void> {
	await writer.run(sql`INSERT INTO sgn_lexicon (rowid, words) VALUES (${doc}, ${words})`);
}

/** Replace what was entered for a document. */
export async function replaceLexiconEntry(writer: Writer, doc: number, words: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_lexicon WHERE rowid = ${doc}`);
	await addLexiconEntry(writer, doc, words);
}

/** A word; or that, any of some others, and any that begins in a certain way. */
export type LookedFor =
	| string
	| { readonly word: string; readonly beginning: string; readonly stems: readonly string[] };

/**
 * Documents that hold all of some words, the newest first. With `lookedThrough`, of the newest so many that hold them those
 * that the filter lets through.
 */
export async function documentsWith(
	reader: Reader,
	words: readonly LookedFor[],
	{ filter, limit, lookedThrough = -1 }: { filter: MemoryFilter; limit: number; lookedThrough?: number },
): Promise<number[]> {
	const query = words.map(expressionFor).join(" AND ");
	const rows = await reader.all<{ doc: number }>(
		isRestrictive(filter)
			? sql`SELECT l.doc FROM (
					SELECT rowid AS doc FROM sgn_lexicon WHERE sgn_lexicon MATCH ${query} ORDER BY rowid DESC LIMIT ${lookedThrough}
				) l CROSS JOIN sgn_documents d ON d.doc = l.doc JOIN memories m ON m.id = d.memory_id
				WHERE ${memoryPredicate(filter)} LIMIT ${limit}`
			: sql`SELECT rowid AS doc FROM sgn_lexicon WHERE sgn_lexicon MATCH ${query} ORDER BY rowid DESC LIMIT ${limit}`,
	);
	return rows.map(({ doc }) => doc);
}

/** Whether more documents than that hold a word. */
export async function occursMoreOftenThan(reader: Reader, word: LookedFor, count: number): Promise<boolean> {
	const row = await reader.get(sql`
		SELECT 1 FROM sgn_lexicon WHERE sgn_lexicon MATCH ${expressionFor(word)} LIMIT 1 OFFSET ${count}`);
	return row !== undefined;
}

function expressionFor(word: LookedFor): string {
	if (typeof word === "string") return quoteWord(word);
	const whole = [word.word, ...word.stems].map(quoteWord);
	return `(${whole.join(" OR ")} OR ${quoteWord(word.beginning)}*)`;
}

/** In how many documents a word occurs. Takes as long as there are many. */
export async function countDocumentsWith(reader: Reader, word: string): Promise<number> {
	const row = await reader.get<{ n: number }>(sql`SELECT doc AS n FROM sgn_lexicon_terms WHERE term = ${word}`);
	return row?.n ?? 0;
}

/** Of how many pieces the lexicon consists: each commit adds one, and each word is looked up in all of them. */
export async function countLexiconPieces(reader: Reader): Promise<number> {
	const row = await reader.get<{ n: number }>(sql`SELECT count(DISTINCT segid) AS n FROM sgn_lexicon_idx`);
	return row?.n ?? 0;
}
