import { hashOf, mix } from "./word-hash.ts";

/**
 * Feature hashing (Weinberger et al. 2009) of words and the letters inside words, so that what is written alike is
 * alike, whether its meaning is known or not.
 */

/** The letters of a word count together as much as the word. */
const SHORTEST_LETTERS = 3;
const LONGEST_LETTERS = 4;

const WORD_SEED = 0x811c9dc5;
const LETTERS_SEED = 0x5bd1e995;

/** Add a word, and the letters inside it unless it is empty of meaning. */
export function addSpelling(sum: Float64Array, word: string, weight: number, withLetters: boolean): void {
	addFeature(sum, hashOf(word, WORD_SEED), weight);
	if (!withLetters) return;
	const bounded = `^${word}$`;
	let pieces = 0;
	for (let length = SHORTEST_LETTERS; length <= LONGEST_LETTERS; length++) {
		pieces += Math.max(0, bounded.length - length + 1);
	}
	const share = weight / Math.sqrt(pieces);
	for (let length = SHORTEST_LETTERS; length <= LONGEST_LETTERS; length++) {
		for (let at = 0; at + length <= bounded.length; at++) {
			addFeature(sum, hashOf(bounded, LETTERS_SEED, at, at + length), share);
		}
	}
}

/** Two places for each feature: that one of them is shared with another feature then matters less. */
function addFeature(sum: Float64Array, feature: number, weight: number): void {
	const second = mix(feature ^ 0x9e3779b9);
	const first = feature % sum.length;
	const other = second % sum.length;
	sum[first] = (sum[first] ?? 0) + (feature >>> 31 ? weight : -weight);
	sum[other] = (sum[other] ?? 0) + (second >>> 31 ? weight : -weight);
}
