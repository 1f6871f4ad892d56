import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { indexOf, recallAtTen } from "../testing/vector-recall.ts";
import { clusteredVectors, normalNumbers } from "../testing/vectors.ts";
import { cosineSimilarity } from "./similarity.ts";

const RESCORED = 100;

describe("recall@10 against the exact scan is at least 0.99", () => {
	test.each([
		[768, 100, 0.5],
		[768, 500, 0.7],
		[384, 500, 0.7],
		[1536, 200, 0.6],
	])("for %p dimensions in %p clusters of spread %p", (dimensions, clusters, spread) => {
		const all = clusteredVectors(6040, { dimensions, clusters, spread });
		expect(recallAtTen(all.slice(40), all.slice(0, 40), RESCORED)).toBeGreaterThanOrEqual(0.99);
	});

	test("for vectors that are zero almost everywhere", () => {
		const normal = normalNumbers(3);
		const all = Array.from({ length: 6040 }, (_, at) =>
			Float32Array.from({ length: 768 }, (_, i) =>
				(i * 7919 + (at % 300) * 104729) % 61 === 0 ? 1 + 0.7 * normal() : 0,
			),
		);
		expect(recallAtTen(all.slice(40), all.slice(0, 40), RESCORED)).toBeGreaterThanOrEqual(0.99);
	});
});

test("estimates are close to the cosines", () => {
	const vectors = clusteredVectors(300, { dimensions: 768, clusters: 20, spread: 0.7 });
	const index = indexOf(vectors);
	const query = vectors[0] ?? new Float32Array(768);
	const docs = vectors.map((_, doc) => doc);
	const estimates = index.estimates(
		query.map((x) => 3 * x),
		[...docs, 4711],
	);
	expect(estimates.map(({ doc }) => doc)).toEqual(docs);
	const errors = estimates.map(({ doc, similarity }) =>
		Math.abs(similarity - cosineSimilarity(query, vectors[doc] ?? [])),
	);
	expect(Math.max(...errors.slice(1))).toBeLessThan(0.12);
});

test("filters and removed documents are never found", () => {
	const vectors = clusteredVectors(500, { dimensions: 64, clusters: 10, spread: 0.5 });
	const index = indexOf(vectors);
	const query = vectors[0] ?? new Float32Array(64);
	const nearest = (limit: number, isAllowed?: (doc: number) => boolean) =>
		index.nearest(query, limit, isAllowed).map(({ doc }) => doc);
	expect(nearest(10)).toContain(0);
	index.remove(0);
	index.remove(12345);
	expect(index.has(0)).toBe(false);
	expect(nearest(10)).not.toContain(0);
	const even = nearest(500, (doc) => doc % 2 === 0);
	expect(even).toHaveLength(249);
	expect(even.every((doc) => doc % 2 === 0)).toBe(true);
});

test("adding and removing in any order leaves exactly the documents that were not removed", () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(40)), { maxLength: 100 }), (steps) => {
			const vectors = clusteredVectors(41, { dimensions: 16, clusters: 41, spread: 0.1 });
			const index = indexOf([vectors[0] ?? new Float32Array(16)]);
			const model = new Set([0]);
			for (const [isAdded, doc] of steps) {
				if (isAdded && !model.has(doc)) {
					index.add([{ doc, code: index.encoder.encode(vectors[doc] ?? new Float32Array(16)) }]);
					model.add(doc);
				} else if (!isAdded) {
					index.remove(doc);
					model.delete(doc);
				}
			}
			expect(index.count).toBe(model.size);
			for (const doc of model) expect(index.nearest(vectors[doc] ?? new Float32Array(16), 1)[0]?.doc).toBe(doc);
			expect(
				index
					.nearest(new Float32Array(16).fill(1), 100)
					.map(({ doc }) => doc)
					.sort(),
			).toEqual([...model].sort());
		}),
	);
});
