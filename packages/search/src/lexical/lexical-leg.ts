import type { MemoryFilter } from "@signet/core";
import { documentFrequencies, matchLexicon, type Reader } from "@signet/db";
import { queryWords } from "./query-words.ts";

/** BM25's saturation, as SQLite has it: the most that one word can add is its rarity times this plus one. */
const K1 = 1.2;
/**
 * What a word counts in the text, in tags, author and project, and in the day. A weight multiplies occurrences, so that
 * a first occurrence is nearly all there is to gain and a document's length matters little, as suits memories, which are
 * short. Set by measurement (`npm run bench:quality`).
 */
const WEIGHTS = { text: 4, labels: 3, day: 2 };
/** Occurrences that a query may touch: common words are left out beyond that, the rarest never. */
const MAX_OCCURRENCES = 20_000;
const MIN_WORDS = 2;

export interface QueryWord {
	readonly word: string;
	/** Documents that have it. */
	readonly documents: number;
	/** Whether it was searched: not when no document has it, nor when it is too common to tell documents apart. */
	readonly isSearched: boolean;
}

export interface LexicalHit {
	readonly doc: number;
	readonly memoryId: string;
	/** The share of what the question's words could give that this document has, from 0 to 1. */
	readonly score: number;
}

export interface LexicalAnswer {
	readonly words: readonly QueryWord[];
	readonly hits: readonly LexicalHit[];
}

/**
 * Documents by our own lexicon, best first. A score says how much of the question a document covers, words weighed by
 * their rarity among `documentCount` documents; so scores of different questions can be compared.
 */
export async function matchWords(
	reader: Reader,
	query: string,
	{ filter, limit, documentCount }: { filter: MemoryFilter; limit: number; documentCount: number },
): Promise<LexicalAnswer> {
	const words = await chooseWords(reader, queryWords(query));
	const searched = words.filter(({ isSearched }) => isSearched).map(({ word }) => word);
	if (searched.length === 0) return { words, hits: [] };
	const best = bestScore(words, documentCount);
	const matches = await matchLexicon(reader, { words: searched, weights: WEIGHTS, filter, limit });
	return {
		words,
		hits: matches.map(({ doc, memoryId, score }) => ({ doc, memoryId, score: Math.min(1, score / best) })),
	};
}

/** What a document would score that has every word as often as it likes. A word that none has counts as the rarest. */
function bestScore(words: readonly QueryWord[], documentCount: number): number {
	const rarest = words.reduce(
		(least, { documents }) => (documents > 0 ? Math.min(least, documents) : least),
		documentCount,
	);
	return words.reduce((sum, { documents }) => sum + rarity(documents || rarest, documentCount) * (K1 + 1), 0);
}

async function chooseWords(reader: Reader, words: readonly string[]): Promise<QueryWord[]> {
	const frequencies = await documentFrequencies(reader, words);
	const rarestFirst = words
		.map((word) => ({ word, documents: frequencies.get(word) ?? 0 }))
		.sort((a, b) => a.documents - b.documents);
	let occurrences = 0;
	let searched = 0;
	return rarestFirst.map(({ word, documents }) => {
		const isSearched = documents > 0 && (searched < MIN_WORDS || occurrences + documents <= MAX_OCCURRENCES);
		if (isSearched) {
			occurrences += documents;
			searched++;
		}
		return { word, documents, isSearched };
	});
}

/** BM25's inverse document frequency as SQLite computes it, never below its floor. */
function rarity(documents: number, documentCount: number): number {
	return Math.max(1e-6, Math.log((documentCount - documents + 0.5) / (documents + 0.5)));
}
