import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clusteredVectors, normalNumbers } from "../testing/vectors.ts";
import { CodeEncoder, codeOf } from "./code-encoder.ts";
import { CodeEstimator } from "./estimate.ts";
import { cosineSimilarity } from "./similarity.ts";
import { VectorIndex } from "./vector-index.ts";

const RESCORED = 100;

/** The share of the exactly nearest ten that are among the index's candidates. */
function recallAtTen(vectors: readonly Float32Array[], queries: readonly Float32Array[]): number {
	const index = indexOf(vectors);
	let found = 0;
	for (const query of queries) {
		const candidates = new Set(index.nearest(query, RESCORED));
		const exact = vectors
			.map((vector, doc) => ({ doc, similarity: cosineSimilarity(query, vector) }))
			.sort((a, b) => b.similarity - a.similarity)
			.slice(0, 10);
		found += exact.filter(({ doc }) => candidates.has(doc)).length;
	}
	return found / (10 * queries.length);
}

function indexOf(vectors: readonly Float32Array[]): VectorIndex {
	const index = new VectorIndex({ id: 1, name: "test", dimensions: vectors[0]?.length ?? 0 });
	index.add(vectors.map((vector, doc) => ({ doc, code: index.encoder.encode(vector) })));
	return index;
}

describe("recall@10 against the exact scan is at least 0.99", () => {
	test.each([
		[768, 100, 0.5],
		[768, 500, 0.7],
		[384, 500, 0.7],
		[1536, 200, 0.6],
	])("for %p dimensions in %p clusters of spread %p", (dimensions, clusters, spread) => {
		const all = clusteredVectors(6040, { dimensions, clusters, spread });
		expect(recallAtTen(all.slice(40), all.slice(0, 40))).toBeGreaterThanOrEqual(0.99);
	});

	test("for vectors that are zero almost everywhere", () => {
		const normal = normalNumbers(3);
		const all = Array.from({ length: 6040 }, (_, at) =>
			Float32Array.from({ length: 768 }, (_, i) =>
				(i * 7919 + (at % 300) * 104729) % 61 === 0 ? 1 + 0.7 * normal() : 0,
			),
		);
		expect(recallAtTen(all.slice(40), all.slice(0, 40))).toBeGreaterThanOrEqual(0.99);
	});
});

test("turning keeps lengths and angles", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer(), (dimensions, seed) => {
			const normal = normalNumbers(seed);
			const a = Float32Array.from({ length: dimensions }, normal);
			const b = Float32Array.from({ length: dimensions }, normal);
			const encoder = new CodeEncoder(dimensions);
			const turnedA = encoder.turn(a).slice();
			expect(cosineSimilarity(turnedA, encoder.turn(b))).toBeCloseTo(cosineSimilarity(a, b), 4);
			expect(encoder.bits % 128).toBe(0);
		}),
		{ numRuns: 30 },
	);
});

test("an estimate is the product of the query with the signs that the code keeps", () => {
	const [query = new Float32Array(), other = new Float32Array()] = clusteredVectors(2, {
		dimensions: 200,
		clusters: 2,
		spread: 1,
	});
	const encoder = new CodeEncoder(200);
	const code = encoder.encode(other);
	const turned = encoder.turn(query).slice();
	const expected = turned.reduce((sum, x, at) => sum + ((((code[at >> 3] ?? 0) >> (at & 7)) & 1) === 1 ? x : -x), 0);
	expect(new CodeEstimator(turned).estimate(code, 0, code.length)).toBeCloseTo(expected, 3);
	expect(codeOf(turned)).toEqual(encoder.encode(query));
});

test("codes do not change from one release to the next", () => {
	const code = new CodeEncoder(3).encode([1, -2, 0.5]);
	expect(Buffer.from(code).toString("hex").slice(0, 32)).toMatchSnapshot();
});

test("filters and removed documents are never found", () => {
	const vectors = clusteredVectors(500, { dimensions: 64, clusters: 10, spread: 0.5 });
	const index = indexOf(vectors);
	const query = vectors[0] ?? new Float32Array(64);
	expect(index.nearest(query, 10)).toContain(0);
	index.remove(0);
	index.remove(12345);
	expect(index.has(0)).toBe(false);
	expect(index.nearest(query, 10)).not.toContain(0);
	const even = index.nearest(query, 500, (doc) => doc % 2 === 0);
	expect(even).toHaveLength(249);
	expect(even.every((doc) => doc % 2 === 0)).toBe(true);
});
