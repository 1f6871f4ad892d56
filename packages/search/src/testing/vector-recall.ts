import { cosineSimilarity } from "../vector/similarity.ts";
import { VectorIndex } from "../vector/vector-index.ts";

/** An index of vectors, each under its position. */
export function indexOf(vectors: readonly Float32Array[]): VectorIndex {
	const index = new VectorIndex({ id: 1, name: "test", dimensions: vectors[0]?.length ?? 0 });
	index.add(vectors.map((vector, doc) => ({ doc, code: index.encoder.encode(vector) })));
	return index;
}

/** The share of the exactly nearest ten that are among the index's `compared` candidates, from 0 to 1. */
export function recallAtTen(
	vectors: readonly Float32Array[],
	queries: readonly Float32Array[],
	compared: number,
): number {
	const index = indexOf(vectors);
	let found = 0;
	for (const query of queries) {
		const candidates = new Set(index.nearest(query, compared).map(({ doc }) => doc));
		const exact = vectors
			.map((vector, doc) => ({ doc, similarity: cosineSimilarity(query, vector) }))
			.sort((a, b) => b.similarity - a.similarity)
			.slice(0, 10);
		found += exact.filter(({ doc }) => candidates.has(doc)).length;
	}
	return found / (10 * queries.length);
}
