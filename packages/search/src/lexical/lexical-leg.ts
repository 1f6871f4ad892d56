import type { MemoryFilter } from "@signet/core";
import { documentsWith, isRestrictive, type Reader } from "@signet/db";
import { bestBySum, type ValuedDocuments } from "./best-by-sum.ts";
import { queryWords } from "./query-words.ts";
import type { WordCounts } from "./word-counts.ts";
import { type QuestionWord, rarity } from "./word-scorer.ts";

/** Documents looked at for each word, the newest first: a word that more of them have tells hardly any apart. */
const MAX_DOCUMENTS = 500;

export interface WordMatches {
	/** The question's words, the rarest first. */
	readonly words: readonly QuestionWord[];
	/** Documents that have the rarest of them, the most promising first. */
	readonly docs: readonly number[];
}

export const NO_MATCHES: WordMatches = { words: [], docs: [] };

export interface WordSearch {
	readonly filter: MemoryFilter;
	/** How many documents are wanted. */
	readonly limit: number;
	/** How many there are in all. */
	readonly documentCount: number;
	readonly counts: WordCounts;
}

/** Find documents by the words of a question. */
export async function matchWords(
	reader: Reader,
	query: string,
	{ filter, limit, documentCount, counts }: WordSearch,
): Promise<WordMatches> {
	const words: QuestionWord[] = [];
	const lists: ValuedDocuments[] = [];
	for (const word of queryWords(query)) {
		const docs = await documentsWith(reader, word, { filter, limit: MAX_DOCUMENTS });
		const isWhole = docs.length < MAX_DOCUMENTS && !isRestrictive(filter);
		const documents = isWhole ? docs.length : await counts.of(reader, word, documentCount);
		words.push({ word, documents });
		lists.push({ docs, value: rarity(documents, documentCount) });
	}
	return { words: words.sort((a, b) => a.documents - b.documents), docs: bestBySum(lists, limit) };
}
