import type { Beginning } from "./beginnings.ts";
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
	readonly #words: readonly (LookedFor & { readonly rarity: number })[];
	readonly #most: number;

	/** @param documentCount how many documents there are in all */
	constructor(words: readonly QuestionWord[], documentCount: number) {
		const rarities = raritiesOf(words, documentCount);
		this.#words = words.map(({ word, beginning }, at) => ({
			text: beginning?.beginning ?? word,
			isBeginning: beginning !== undefined,
			stems: beginning ? stemsBeside(word, beginning) : [],
			rarity: rarities[at] ?? 0,
		}));
		this.#most = rarities.reduce((sum, rarity) => sum + rarity, 0) * (K1 + 1);
	}

	/** From 0 to 1: the share of what the question's words could give, words weighed by their rarity. */
	score({ words, wordCount }: { readonly words: string; readonly wordCount: number }): number {
		const saturation = K1 * (1 - B + B * (wordCount / USUAL_LENGTH));
		let sum = 0;
		for (const word of this.#words) {
			const { rarity } = word;
			const occurrences = count(words, word);
			if (occurrences > 0) sum += (rarity * (K1 + 1) * occurrences) / (saturation + occurrences);
		}
		return this.#most > 0 ? sum / this.#most : 0;
	}

	/** Whether a word is one of the question's. */
	looksFor(word: string): boolean {
		return this.#words.some(({ text, isBeginning, stems }) =>
			isBeginning ? word.startsWith(text) || stems.includes(word) : word === text,
		);
	}

	/** From 0 to 1: how much of what one document has of the question the other has too. */
	shared(one: { readonly words: string }, other: { readonly words: string }): number {
		let all = 0;
		let both = 0;
		for (const word of this.#words) {
			if (count(one.words, word) === 0) continue;
			all += word.rarity;
			if (count(other.words, word) > 0) both += word.rarity;
		}
		return all > 0 ? both / all : 0;
	}
}

/**
 * What each word of a question can give. A word that no document has is as telling as the rarest that one has.
 * @param unknown in how many documents such a word is taken to be, at most
 */
export function raritiesOf(
	words: readonly QuestionWord[],
	documentCount: number,
	unknown: number = documentCount,
): number[] {
	const rarest = words.reduce((least, { documents }) => (documents > 0 ? Math.min(least, documents) : least), unknown);
	return words.map(({ documents, weight }) => weight * rarity(documents || rarest, documentCount));
}

/** BM25's inverse document frequency, in the form that is never negative. */
export function rarity(documents: number, documentCount: number): number {
	return Math.log1p((Math.max(documentCount, documents) - documents + 0.5) / (documents + 0.5));
}

interface LookedFor {
	readonly text: string;
	/** Whether words that only begin with it count too. */
	readonly isBeginning: boolean;
	/** Words that count besides. */
	readonly stems: readonly string[];
}

/** Documents have the stem of a word, which may be shorter than what it was asked to begin with. */
function stemsBeside(word: string, { beginning, stems }: Beginning): string[] {
	return [...new Set([word, ...stems])].filter((stem) => !stem.startsWith(beginning));
}

const BLANK = 0x20;

/**
 * How often a word stands in a text of words with a blank before and behind each. Looking for it with its blanks would take
 * twice as long: every word begins with one.
 */
function count(text: string, { text: word, isBeginning, stems }: LookedFor): number {
	let found = 0;
	for (const stem of stems) found += count(text, { text: stem, isBeginning: false, stems: [] });
	for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
		const isStart = text.charCodeAt(at - 1) === BLANK;
		if (isStart && (isBeginning || text.charCodeAt(at + word.length) === BLANK)) found++;
	}
	return found;
}
