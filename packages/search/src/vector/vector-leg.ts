import type { MemoryFilter } from "@signet/core";
import { documentsAllowed, isRestrictive, type Reader, readVectors } from "@signet/db";
import type { EmbeddingService, QueryVector } from "../embeddings/embedding-service.ts";
import { EmbeddingFailure } from "../embeddings/provider.ts";
import type { ActiveIndex } from "./active-index.ts";
import { cosineSimilarity } from "./similarity.ts";
import type { VectorIndex } from "./vector-index.ts";

/** Documents whose vectors are read and compared exactly, at least and for each one wanted. */
const MIN_COMPARED = 100;
const COMPARED_PER_WANTED = 4;

export interface VectorHit {
	readonly doc: number;
	readonly memoryId: string;
	/** Cosine, from -1 to 1. */
	readonly similarity: number;
}

/** The question as a vector, ready to be compared with documents. */
export interface VectorQuestion {
	/** Documents with the most similar vectors, best first. */
	nearest(reader: Reader, filter: MemoryFilter, limit: number): Promise<VectorHit[]>;
	/** How similar these documents are; those without a vector are left out. */
	similarities(reader: Reader, docs: readonly number[]): Promise<Map<number, number>>;
}

export interface VectorLegAnswer {
	/** Undefined when there are no vectors to compare with: switched off, none stored yet, or the provider is away. */
	readonly question: VectorQuestion | undefined;
	/** Whether the question was turned into a vector. */
	readonly hasRun: boolean;
	/** Why the answer has to do without vectors, when it should have had them. */
	readonly problem?: string;
}

/** The answer of a search that is to do without vectors. */
export const NO_VECTORS: VectorLegAnswer = { question: undefined, hasRun: false };

/** Turn a question into a vector within the time that a search may take. Never throws. */
export async function askVectors(
	embeddings: EmbeddingService,
	index: ActiveIndex,
	query: string,
): Promise<VectorLegAnswer> {
	try {
		const vector = await embeddings.query(query);
		if (!vector) return { question: undefined, hasRun: false };
		const codes = await index.of(vector.model);
		if (!codes || codes.model.dimensions !== vector.vector.length) return { question: undefined, hasRun: true };
		return { question: new IndexedQuestion(vector, codes), hasRun: true };
	} catch (error) {
		if (!(error instanceof EmbeddingFailure)) throw error;
		if (error.isRefusal) return { question: undefined, hasRun: true };
		return { question: undefined, hasRun: false, problem: error.message };
	}
}

class IndexedQuestion implements VectorQuestion {
	constructor(
		private readonly query: QueryVector,
		private readonly index: VectorIndex,
	) {}

	async nearest(reader: Reader, filter: MemoryFilter, limit: number): Promise<VectorHit[]> {
		const compared = Math.max(MIN_COMPARED, limit * COMPARED_PER_WANTED);
		const docs = this.index.nearest(this.query.vector, compared);
		let allowed = await documentsAllowed(reader, filter, docs);
		if (allowed.size < Math.min(limit, docs.length) && isRestrictive(filter)) {
			// Most of the nearest are not meant: look among those that are.
			const all = await documentsAllowed(reader, filter);
			const nearest = this.index.nearest(this.query.vector, compared, (doc) => all.has(doc));
			allowed = new Map(nearest.map((doc) => [doc, all.get(doc) ?? ""]));
		}
		const similarities = await this.similarities(reader, [...allowed.keys()]);
		return [...similarities]
			.map(([doc, similarity]) => ({ doc, memoryId: allowed.get(doc) ?? "", similarity }))
			.sort((a, b) => b.similarity - a.similarity || a.doc - b.doc)
			.slice(0, limit);
	}

	async similarities(reader: Reader, docs: readonly number[]): Promise<Map<number, number>> {
		const vectors = await readVectors(reader, this.index.model, docs);
		const similarities = new Map<number, number>();
		for (const [doc, vector] of vectors) similarities.set(doc, cosineSimilarity(this.query.vector, vector));
		return similarities;
	}
}
