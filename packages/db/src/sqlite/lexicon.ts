import type { MemoryFilter } from "@signet/core";
import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { isRestrictive, memoryPredicate } from "./memory-predicate.ts";

/** The words of a document, by field: tokenised, joined by blanks, with a blank at either end. */
export interface DocumentWords {
	readonly text: string;
	/** Of tags, author and project. */
	readonly labels: string;
	/** Of the day on which it was remembered, in the words that people use for days. */
	readonly day: string;
}

/** Enter a new document. */
export async function addLexiconEntry(writer: Writer, doc: number, words: DocumentWords): Promise<void> {
	await writer.run(
		sql`INSERT INTO sgn_lexicon (rowid, text, labels, day) VALUES (${doc}, ${words.text}, ${words.labels}, ${words.day})`,
	);
}

/** Replace what was entered for a document. */
export async function replaceLexiconEntry(writer: Writer, doc: number, words: DocumentWords): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_lexicon WHERE rowid = ${doc}`);
	await addLexiconEntry(writer, doc, words);
}

/** Documents that hold a word in any field, the newest first. */
export async function documentsWith(
	reader: Reader,
	word: string,
	{ filter, limit }: { filter: MemoryFilter; limit: number },
): Promise<number[]> {
	const query = quoteWord(word);
	const rows = await reader.all<{ doc: number }>(
		isRestrictive(filter)
			? sql`SELECT l.rowid AS doc FROM sgn_lexicon l
				JOIN sgn_documents d ON d.doc = l.rowid JOIN memories m ON m.id = d.memory_id
				WHERE sgn_lexicon MATCH ${query} AND ${memoryPredicate(filter)} ORDER BY l.rowid DESC LIMIT ${limit}`
			: sql`SELECT rowid AS doc FROM sgn_lexicon WHERE sgn_lexicon MATCH ${query} ORDER BY rowid DESC LIMIT ${limit}`,
	);
	return rows.map(({ doc }) => doc);
}

/** In how many documents a word occurs. Takes as long as there are many. */
export async function countDocumentsWith(reader: Reader, word: string): Promise<number> {
	const row = await reader.get<{ n: number }>(sql`SELECT doc AS n FROM sgn_lexicon_terms WHERE term = ${word}`);
	return row?.n ?? 0;
}

/** A word as an FTS5 string, which nothing in it can end. */
function quoteWord(word: string): string {
	return `"${word.replaceAll('"', '""')}"`;
}
