import { clusteredVectors, EMBEDDED_COMPARED, embedText, MODEL_COMPARED, recallAtTen } from "@signet/search/testing";
import type { Figure } from "./figure.ts";

const VECTORS = 20_000;
const QUERIES = 200;
const TARGET = "≥ 0.99";

/** How many of the ten nearest vectors the index finds, as against comparing all of them. */
export function measureVectorRecall(texts: readonly string[], questions: readonly string[]): Figure[] {
	const clustered = clusteredVectors(VECTORS + QUERIES, { dimensions: 768, clusters: 400, spread: 0.7 });
	return [
		{
			what: `vector index recall@10, ${VECTORS.toLocaleString("en")} clustered vectors of 768 numbers, ${MODEL_COMPARED} compared`,
			figure: recallAtTen(clustered.slice(QUERIES), clustered.slice(0, QUERIES), MODEL_COMPARED).toFixed(4),
			target: TARGET,
			floor: "1 exact scan",
		},
		{
			what: `vector index recall@10, ${VECTORS.toLocaleString("en")} vectors of the embedded model, ${EMBEDDED_COMPARED} compared`,
			figure: recallAtTen(
				texts.slice(0, VECTORS).map(embedText),
				questions.slice(0, QUERIES).map(embedText),
				EMBEDDED_COMPARED,
			).toFixed(4),
			target: TARGET,
			floor: "1 exact scan",
		},
	];
}
