import type { MemoryFilter } from "@signet/core";
import { documentsWith, isRestrictive, type Reader } from "@signet/db";
import { bestBySum, type ValuedDocuments } from "./best-by-sum.ts";
import { queryWords } from "./query-words.ts";
import type { WordCounts } from "./word-counts.ts";
import { type QuestionWord, rarity } from "./word-scorer.ts";

/** Documents looked at for each word, the newest first: a word that more of them have tells hardly any apart. */
const MAX_DOCUMENTS = 500;
/** Of the words that more documents have, the rarest, which are also looked for two by two. */
const MAX_COMMON_WORDS = 3;
/** Looking through more documents than this takes longer than it is worth. */
const MAX_COMMON_DOCUMENTS = 20_000;

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
	const found: FoundWord[] = [];
	for (const word of queryWords(query)) {
		const docs = await documentsWith(reader, [word], { filter, limit: MAX_DOCUMENTS });
		const isWhole = docs.length < MAX_DOCUMENTS;
		const isCounted = isWhole && !isRestrictive(filter);
		const documents = isCounted ? docs.length : await counts.of(reader, word, documentCount);
		found.push({ word, documents, docs, isWhole });
	}
	found.sort((a, b) => a.documents - b.documents);
	const rare = found.reduce((sum, { docs, isWhole }) => sum + (isWhole ? docs.length : 0), 0);
	const lists = (rare < limit ? await completed(reader, found, filter) : found).map(
		({ docs, documents }): ValuedDocuments => ({ docs, value: rarity(documents, documentCount) }),
	);
	return { words: found.map(({ word, documents }) => ({ word, documents })), docs: bestBySum(lists, limit) };
}

interface FoundWord extends QuestionWord {
	readonly docs: readonly number[];
	/** Whether `docs` are all that have it. */
	readonly isWhole: boolean;
}

/**
 * An old document with several common words may be among the newest of none of them: those are looked for together.
 * Where there are rare words, what has them is more promising.
 */
async function completed(
	reader: Reader,
	words: readonly FoundWord[],
	filter: MemoryFilter,
): Promise<readonly FoundWord[]> {
	const common = words
		.filter(({ isWhole, documents }) => !isWhole && documents <= MAX_COMMON_DOCUMENTS)
		.slice(0, MAX_COMMON_WORDS);
	if (common.length < 2) return words;
	const docs = new Map(common.map((word) => [word.word, new Set(word.docs)]));
	for (const [at, { word: first }] of common.entries()) {
		for (const { word: second } of common.slice(at + 1)) {
			for (const doc of await documentsWith(reader, [first, second], { filter, limit: MAX_DOCUMENTS })) {
				docs.get(first)?.add(doc);
				docs.get(second)?.add(doc);
			}
		}
	}
	return words.map((word) => ({ ...word, docs: [...(docs.get(word.word) ?? word.docs)] }));
}
