import type { AskedWord } from "./question.ts";

/** A word of a question. */
export interface QuestionWord extends AskedWord {
	/** Documents that have it. */
	readonly documents: number;
}

/**
 * Okapi BM25 (Robertson and Zaragoza 2009). A memory is short, so that a first occurrence is nearly all
 * there is to gain, and its length says little; set by measurement (`npm run bench:quality`).
 */
const K1 = 0.5;
const B = 0.4;
/** Length of a usual document, in words. Fixed, because chunks are about as long everywhere. */
const USUAL_LENGTH = 40;

/** How much of a question a document covers. */
export class WordScorer {
	readonly #words: readonly { readonly found: string; readonly rarity: number }[];
	readonly #most: number;

	/** @param documentCount how many documents there are in all */
	constructor(words: readonly QuestionWord[], documentCount: number) {
		const rarities = raritiesOf(words, documentCount);
		this.#words = words.map(({ word, beginning }, at) => ({
			// A blank stands before each word, and behind it.
			found: beginning === undefined ? ` ${word} ` : ` ${beginning}`,
			rarity: rarities[at] ?? 0,
		}));
		this.#most = rarities.reduce((sum, rarity) => sum + rarity, 0) * (K1 + 1);
	}

	/** From 0 to 1: the share of what the question's words could give, words weighed by their rarity. */
	score({ words, wordCount }: { readonly words: string; readonly wordCount: number }): number {
		const saturation = K1 * (1 - B + B * (wordCount / USUAL_LENGTH));
		let sum = 0;
		for (const { found, rarity } of this.#words) {
			const occurrences = count(words, found);
			if (occurrences > 0) sum += (rarity * (K1 + 1) * occurrences) / (saturation + occurrences);
		}
		return this.#most > 0 ? sum / this.#most : 0;
	}

	/** From 0 to 1: how much of what one document has of the question the other has too. */
	shared(one: { readonly words: string }, other: { readonly words: string }): number {
		let all = 0;
		let both = 0;
		for (const { found, rarity } of this.#words) {
			if (!one.words.includes(found)) continue;
			all += rarity;
			if (other.words.includes(found)) both += rarity;
		}
		return all > 0 ? both / all : 0;
	}
}

/** What each word of a question can give. A word that no document has is as telling as the rarest that one has. */
export function raritiesOf(words: readonly QuestionWord[], documentCount: number): number[] {
	const rarest = words.reduce(
		(least, { documents }) => (documents > 0 ? Math.min(least, documents) : least),
		documentCount,
	);
	return words.map(({ documents, weight }) => weight * rarity(documents || rarest, documentCount));
}

/** BM25's inverse document frequency, in the form that is never negative. */
export function rarity(documents: number, documentCount: number): number {
	return Math.log1p((Math.max(documentCount, documents) - documents + 0.5) / (documents + 0.5));
}

/** Neighbouring words share the blank between them. */
function count(text: string, bounded: string): number {
	let found = 0;
	for (let at = text.indexOf(bounded); at >= 0; at = text.indexOf(bounded, at + bounded.length - 1)) found++;
	return found;
}
