import type { MemoryFilter } from "@signet/core";
import { documentsWith, isRestrictive, type Reader } from "@signet/db";
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
	const sums = new Map<number, number>();
	for (const word of queryWords(query)) {
		const docs = await documentsWith(reader, word, { filter, limit: MAX_DOCUMENTS });
		const isWhole = docs.length < MAX_DOCUMENTS && !isRestrictive(filter);
		const documents = isWhole ? docs.length : await counts.of(reader, word, documentCount);
		words.push({ word, documents });
		const value = rarity(documents, documentCount);
		for (const doc of docs) sums.set(doc, (sums.get(doc) ?? 0) + value);
	}
	return { words: words.sort((a, b) => a.documents - b.documents), docs: best(sums, limit) };
}

/** The documents with the greatest sums, the best first; of equals the newest. */
function best(sums: ReadonlyMap<number, number>, limit: number): number[] {
	const least = Float64Array.from(sums.values()).sort().at(-limit) ?? 0;
	const promising = [...sums].filter(([, sum]) => sum >= least);
	return promising
		.sort(([a, x], [b, y]) => y - x || b - a)
		.map(([doc]) => doc)
		.slice(0, limit);
}
