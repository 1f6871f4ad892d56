import { clusteredVectors, cosineSimilarity, hashText, VectorIndex } from "@signet/search/testing";
import type { Figure } from "./figure.ts";

const VECTORS = 20_000;
const QUERIES = 200;
/** Candidates whose vectors recall compares exactly. */
const RESCORED = 150;
const TARGET = "≥ 0.99";

/** How many of the ten nearest vectors the index finds, as against comparing all of them. */
export function measureVectorRecall(texts: readonly string[], questions: readonly string[]): Figure[] {
	const clustered = clusteredVectors(VECTORS + QUERIES, { dimensions: 768, clusters: 400, spread: 0.7 });
	return [
		{
			what: `vector index recall@10, ${VECTORS.toLocaleString("en")} clustered vectors of 768 numbers`,
			figure: recallAtTen(clustered.slice(QUERIES), clustered.slice(0, QUERIES)).toFixed(4),
			target: TARGET,
			floor: "1 exact scan",
		},
		{
			what: `vector index recall@10, ${VECTORS.toLocaleString("en")} vectors of the embedded model`,
			figure: recallAtTen(texts.slice(0, VECTORS).map(hashText), questions.slice(0, QUERIES).map(hashText)).toFixed(4),
			target: TARGET,
			floor: "1 exact scan",
		},
	];
}

function recallAtTen(vectors: readonly Float32Array[], queries: readonly Float32Array[]): number {
	const index = new VectorIndex({ id: 1, name: "bench", dimensions: vectors[0]?.length ?? 0 });
	index.add(vectors.map((vector, doc) => ({ doc, code: index.encoder.encode(vector) })));
	let found = 0;
	for (const query of queries) {
		const candidates = new Set(index.nearest(query, RESCORED).map(({ doc }) => doc));
		const exact = vectors
			.map((vector, doc) => ({ doc, similarity: cosineSimilarity(query, vector) }))
			.sort((a, b) => b.similarity - a.similarity)
			.slice(0, 10);
		found += exact.filter(({ doc }) => candidates.has(doc)).length;
	}
	return found / (10 * queries.length);
}
