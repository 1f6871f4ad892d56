import { readFileSync } from "node:fs";
import { isStopWord } from "../lexical/stop-words.ts";
import { TOKENISER_VERSION, tokenise } from "../lexical/tokenise.ts";
import type { EmbeddingProvider } from "./provider.ts";
import { addSpelling } from "./spelling.ts";
import { WordVectors } from "./word-vectors.ts";
import { wordVectorsFile } from "./word-vectors-file.ts";

/**
 * Vectors without a model to install: the words of a text by their meaning, from vectors that were trained for this
 * purpose (docs/decisions/0015), and by their spelling. A text takes microseconds, and the same text has the same vector
 * on every machine: it is made of additions, multiplications and square roots in a fixed order, which IEEE 754 rounds
 * alike everywhere.
 */

/** The part of the spelling is mostly zeros, so codes tell vectors apart less well than those of models. */
export const EMBEDDED_COMPARED = 150;
/** To be raised whenever the same text gives another vector. */
const EMBEDDED_VERSION = 2;

/** How long the part of the spelling is, that of the meaning being 1 where all words are known. Set by measurement (`npm run bench:quality`). */
const SPELLING_SHARE = 0.7;
/** Numbers of a vector: those of the word vectors, then as many of spelling alone. */
const DIMENSIONS = 768;
/** What counts for a word that is not known, such as a name, a number or a word of another language. */
const UNKNOWN_WEIGHT = 1;
const UNKNOWN_STOP_WORD_WEIGHT = 0.1;

export class EmbeddedProvider implements EmbeddingProvider {
	readonly model = `embedded:${EMBEDDED_VERSION}.${TOKENISER_VERSION}`;
	readonly referenceName = undefined;
	readonly dimensions = DIMENSIONS;
	/** Beside words and what surrounds them it adds little: what it finds by itself, few look for. Set by measurement (`npm run bench:quality`). */
	readonly weight = 0.1;
	readonly compared = EMBEDDED_COMPARED;
	readonly maxBatch = 64;

	async embed(texts: readonly string[]): Promise<Float32Array[]> {
		return texts.map(embedText);
	}
}

/** The unit vector of a text. A text without words gets one of its own, like no other. */
export function embedText(text: string): Float32Array {
	const known = wordVectors();
	const meaning = new Float64Array(known.dimensions);
	const spelling = new Float64Array(DIMENSIONS);
	const occurrences = countWords(text);
	if (occurrences.size === 0) addSpelling(spelling, text, 1, false);
	let ofAll = 0;
	let ofKnown = 0;
	for (const [word, times] of occurrences) {
		const place = known.find(word);
		const isStop = isStopWord(word);
		const unknownWeight = isStop ? UNKNOWN_STOP_WORD_WEIGHT : UNKNOWN_WEIGHT;
		const weight = Math.sqrt(times) * (place === undefined ? unknownWeight : known.weight(place));
		ofAll += weight;
		addSpelling(spelling, word, weight, !isStop);
		if (place === undefined) continue;
		ofKnown += weight;
		known.addTo(meaning, place, weight);
	}
	return joined(meaning, ofAll === 0 ? 0 : ofKnown / ofAll, spelling);
}

/** Read when the first text comes: a daemon that nobody asks has no need of them. */
let read: WordVectors | undefined;

function wordVectors(): WordVectors {
	read ??= WordVectors.read(readFileSync(wordVectorsFile()));
	return read;
}

function countWords(text: string): Map<string, number> {
	const counts = new Map<string, number>();
	for (const word of tokenise(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
	return counts;
}

/** Both, each brought to its share, on top of each other. @param understood how much of the text is known words, from 0 to 1 */
function joined(meaning: Float64Array, understood: number, spelling: Float64Array): Float32Array {
	const ofMeaning = understood * inverse(lengthOf(meaning));
	const ofSpelling = SPELLING_SHARE * inverse(lengthOf(spelling));
	for (let at = 0; at < DIMENSIONS; at++) {
		spelling[at] = (spelling[at] ?? 0) * ofSpelling + (meaning[at] ?? 0) * ofMeaning;
	}
	const ofBoth = inverse(lengthOf(spelling));
	const vector = new Float32Array(DIMENSIONS);
	for (let at = 0; at < DIMENSIONS; at++) vector[at] = (spelling[at] ?? 0) * ofBoth;
	if (ofBoth === 0) vector[0] = 1;
	return vector;
}

function lengthOf(vector: Float64Array): number {
	let square = 0;
	for (let at = 0; at < vector.length; at++) square += (vector[at] ?? 0) * (vector[at] ?? 0);
	return Math.sqrt(square);
}

/** 0 for 0. */
function inverse(length: number): number {
	return length === 0 ? 0 : 1 / length;
}
