import { type WordVector, WordVectors, wordHash } from "../../packages/search/src/embeddings/word-vectors.ts";

/** From vectors as they were learned to the file that the program reads. */

const TURNS = 3;
const SEED = 99;

/** The bytes of the file. @param vectors `dimensions` numbers for each word, a power of two */
export function makeAsset(
	words: readonly string[],
	weights: Float64Array,
	vectors: Float32Array,
	dimensions: number,
): Uint8Array {
	const turn = turning(dimensions);
	const byHash = new Map<number, WordVector>();
	for (const [id, word] of words.entries()) {
		const vector = vectors.slice(id * dimensions, (id + 1) * dimensions);
		const hash = wordHash(word);
		// Of two words with one hash the commoner has it. A word without company has no direction.
		if (byHash.has(hash) || vector.every((number) => number === 0)) continue;
		byHash.set(hash, { hash, weight: weights[id] ?? 0, vector: turn(vector) });
	}
	return WordVectors.write([...byHash.values()], dimensions);
}

/**
 * Turn vectors by sign flips and Walsh-Hadamard transforms. Angles stay, but each number then says about as much as any
 * other and is about normally distributed, so that two bits are enough for it.
 */
function turning(dimensions: number): (vector: Float32Array) => Float32Array {
	let state = SEED;
	const coin = () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state >>> 31 ? 1 : -1;
	};
	const signs = Array.from({ length: TURNS }, () => Array.from({ length: dimensions }, coin));
	return (vector) => {
		for (const some of signs) {
			for (const [at, sign] of some.entries()) vector[at] = (vector[at] ?? 0) * sign;
			transform(vector);
		}
		return vector;
	};
}

function transform(vector: Float32Array): void {
	for (let half = 1; half < vector.length; half *= 2) {
		for (let start = 0; start < vector.length; start += 2 * half) {
			for (let at = start; at < start + half; at++) {
				const a = vector[at] ?? 0;
				const b = vector[at + half] ?? 0;
				vector[at] = a + b;
				vector[at + half] = a - b;
			}
		}
	}
}
