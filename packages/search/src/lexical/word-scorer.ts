/** A word of a question. */
export interface QuestionWord {
	readonly word: string;
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
	readonly #words: readonly { readonly bounded: string; readonly rarity: number }[];
	readonly #most: number;

	/** @param documentCount how many documents there are in all */
	constructor(words: readonly QuestionWord[], documentCount: number) {
		// A word that no document has is as telling as the rarest that one has.
		const rarest = words.reduce(
			(least, { documents }) => (documents > 0 ? Math.min(least, documents) : least),
			documentCount,
		);
		this.#words = words.map(({ word, documents }) => ({
			bounded: ` ${word} `,
			rarity: rarity(documents || rarest, documentCount),
		}));
		this.#most = this.#words.reduce((sum, word) => sum + word.rarity * (K1 + 1), 0);
	}

	/** From 0 to 1: the share of what the question's words could give, words weighed by their rarity. */
	score({ words, wordCount }: { readonly words: string; readonly wordCount: number }): number {
		const saturation = K1 * (1 - B + B * (wordCount / USUAL_LENGTH));
		let sum = 0;
		for (const { bounded, rarity } of this.#words) {
			const occurrences = count(words, bounded);
			if (occurrences > 0) sum += (rarity * (K1 + 1) * occurrences) / (saturation + occurrences);
		}
		return this.#most > 0 ? sum / this.#most : 0;
	}
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
