import { isStopWord } from "../lexical/stop-words.ts";
import { TOKENISER_VERSION, tokenise } from "../lexical/tokenise.ts";
import type { EmbeddingProvider } from "./provider.ts";

/**
 * Vectors without a model: feature hashing (Weinberger et al. 2009) of words, pairs of words and the letters inside
 * words, so that texts with the same or similar words have similar vectors. Nothing is downloaded, a text takes
 * microseconds, and the same text has the same vector on every machine.
 */

/** Most numbers of its vectors are zero, so codes tell them apart less well than those of models. */
export const EMBEDDED_COMPARED = 200;
/** To be raised whenever the same text gives another vector. */
const EMBEDDED_VERSION = 1;
const DIMENSIONS = 512;

/** How much each kind of feature counts. Set by measurement (`npm run bench:quality`). */
const WORD_WEIGHT = 1;
const STOP_WORD_WEIGHT = 0.1;
const LETTERS_WEIGHT = 1;
const PAIR_WEIGHT = 0.3;
const SHORTEST_LETTERS = 3;
const LONGEST_LETTERS = 4;

const WORD_SEED = 0x811c9dc5;
const PAIR_SEED = 0x2f0b4a6d;
const LETTERS_SEED = 0x5bd1e995;

export class EmbeddedProvider implements EmbeddingProvider {
	readonly model = `embedded:${EMBEDDED_VERSION}.${TOKENISER_VERSION}`;
	readonly referenceName = undefined;
	readonly dimensions = DIMENSIONS;
	/** It sees spelling, which words see as well. Set by measurement (`npm run bench:quality`). */
	readonly weight = 0.1;
	readonly compared = EMBEDDED_COMPARED;
	readonly maxBatch = 64;

	async embed(texts: readonly string[]): Promise<Float32Array[]> {
		return texts.map(hashText);
	}
}

/** The unit vector of a text. A text without words gets one of its own, like no other. */
export function hashText(text: string): Float32Array {
	const vector = new Float32Array(DIMENSIONS);
	const tokens = tokenise(text);
	for (const [token, occurrences] of countTokens(tokens)) addWord(vector, token, Math.sqrt(occurrences));
	const content = tokens.filter((token) => !isStopWord(token));
	for (let at = 0; at + 1 < content.length; at++) {
		addFeature(vector, hash(`${content[at]} ${content[at + 1]}`, PAIR_SEED), PAIR_WEIGHT);
	}
	if (tokens.length === 0) addFeature(vector, hash(text, WORD_SEED), WORD_WEIGHT);
	return normalise(vector);
}

function addWord(vector: Float32Array, token: string, weight: number): void {
	const isStop = isStopWord(token);
	addFeature(vector, hash(token, WORD_SEED), weight * (isStop ? STOP_WORD_WEIGHT : WORD_WEIGHT));
	if (isStop) return;
	const bounded = `^${token}$`;
	const pieces: number[] = [];
	for (let length = SHORTEST_LETTERS; length <= LONGEST_LETTERS; length++) {
		for (let at = 0; at + length <= bounded.length; at++) {
			pieces.push(hash(bounded, LETTERS_SEED, at, at + length));
		}
	}
	const share = (weight * LETTERS_WEIGHT) / Math.sqrt(pieces.length || 1);
	for (const piece of pieces) addFeature(vector, piece, share);
}

/** Two places for each feature: that one of them is shared with another feature then matters less. */
function addFeature(vector: Float32Array, feature: number, weight: number): void {
	const second = mix(feature ^ 0x9e3779b9);
	const first = feature % DIMENSIONS;
	const other = second % DIMENSIONS;
	vector[first] = (vector[first] ?? 0) + (feature >>> 31 ? weight : -weight);
	vector[other] = (vector[other] ?? 0) + (second >>> 31 ? weight : -weight);
}

function countTokens(tokens: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
	return counts;
}

function normalise(vector: Float32Array): Float32Array {
	let square = 0;
	for (const x of vector) square += x * x;
	const length = Math.sqrt(square);
	if (length === 0) {
		vector[0] = 1;
		return vector;
	}
	for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) / length;
	return vector;
}

/** FNV-1a over UTF-16 code units, with the mixing of MurmurHash3 at the end; 32 bits, unsigned. */
function hash(text: string, seed: number, start = 0, end = text.length): number {
	let value = seed;
	for (let at = start; at < end; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
	return mix(value);
}

function mix(value: number): number {
	let mixed = value ^ (value >>> 16);
	mixed = Math.imul(mixed, 0x85ebca6b);
	mixed ^= mixed >>> 13;
	mixed = Math.imul(mixed, 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
