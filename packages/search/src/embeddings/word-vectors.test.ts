import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { cosineSimilarity } from "../vector/similarity.ts";
import { HEADER_BYTES, WordVectors, wordHash } from "./word-vectors.ts";
import { wordVectorsFile } from "./word-vectors-file.ts";

const DIMENSIONS = 64;

/** About normally distributed. */
const vectors = fc.array(
	fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })),
	{ minLength: DIMENSIONS, maxLength: DIMENSIONS },
);
const words = fc.uniqueArray(
	fc.record({ word: fc.string(), weight: fc.double({ min: 0, max: 1, noNaN: true }), parts: vectors }),
	{ selector: ({ word }) => wordHash(word), maxLength: 20 },
);

test("what is written is read again, within what two bits a number can say", () => {
	fc.assert(
		fc.property(words, (all) => {
			const given = all.map(({ word, weight, parts }) => ({
				hash: wordHash(word),
				weight,
				vector: Float32Array.from(parts, (three) => three.reduce((sum, part) => sum + part, 0.5)),
			}));
			const read = WordVectors.read(WordVectors.write(given, DIMENSIONS));
			expect(read.isWhole).toBe(true);
			for (const [at, { word }] of all.entries()) {
				const place = read.find(word) ?? -1;
				const sum = new Float64Array(DIMENSIONS);
				read.addTo(sum, place, 2);
				expect(Math.hypot(...sum)).toBeCloseTo(2, 6);
				expect(cosineSimilarity(Float32Array.from(sum), given[at]?.vector ?? new Float32Array())).toBeGreaterThan(0.8);
				expect(Math.abs(read.weight(place) - (given[at]?.weight ?? 0))).toBeLessThanOrEqual(0.5 / 255);
			}
		}),
	);
});

test("a word that is not there is not found", () => {
	const one = { hash: wordHash("here"), weight: 1, vector: new Float32Array(DIMENSIONS).fill(1) };
	const read = WordVectors.read(WordVectors.write([one], DIMENSIONS));
	expect(read.find("here")).toBe(0);
	expect(read.find("there")).toBeUndefined();
	expect(WordVectors.read(WordVectors.write([], DIMENSIONS)).find("here")).toBeUndefined();
});

test("other bytes, and a file that is cut off, are refused", () => {
	const bytes = WordVectors.write([], DIMENSIONS);
	expect(() => WordVectors.read(new Uint8Array(HEADER_BYTES))).toThrow("no word vectors");
	expect(() => WordVectors.read(bytes.subarray(0, 10))).toThrow("no word vectors");
	expect(() => WordVectors.read(new Uint8Array([...bytes, 0]))).toThrow("cut off");
});

test("the file in the repository is whole", () => {
	const read = WordVectors.read(readFileSync(wordVectorsFile()));
	expect(read.isWhole).toBe(true);
	expect(read.size).toBeGreaterThan(40_000);
	expect(read.find("dog")).toBeDefined();
});
