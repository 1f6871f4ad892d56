import type { MemoryFilter } from "@signet/core";
import { documentsAllowed, isRestrictive, type Reader } from "@signet/db";
import type { EmbeddingService, QueryVector } from "../embeddings/embedding-service.ts";
import { EmbeddingFailure } from "../embeddings/provider.ts";
import type { ActiveIndex } from "./active-index.ts";
import type { VectorCache } from "./vector-cache.ts";
import type { Estimate, VectorIndex } from "./vector-index.ts";

/** The question as a vector, ready to be compared with documents. */
export interface VectorQuestion {
	/** What a similarity of 1 counts as evidence, from 0 to 1. */
	readonly weight: number;
	/** How many of the nearest by their codes have to be compared exactly for the ten nearest to be among them. */
	readonly compared: number;
	/** Documents whose vectors are likely the most similar, by their codes, the likeliest first. */
	nearest(reader: Reader, filter: MemoryFilter, limit: number): Promise<Estimate[]>;
	/** About how similar these documents are, by their codes; those without one are left out. */
	estimates(docs: readonly number[]): Estimate[];
	/** The cosines of these documents; those without a vector are left out. */
	similarities(reader: Reader, docs: readonly number[]): Promise<Map<number, number>>;
}

/** What came of turning a question into a vector. Plain data. */
export interface EmbeddedQuestion {
	/** Undefined when vectors are switched off, or the provider is away. */
	readonly vector?: QueryVector;
	/** Why there is none, when there should be one. */
	readonly problem?: string;
}

export interface VectorLegAnswer {
	/** Undefined when there are no vectors to compare with: switched off, none stored yet, or the provider is away. */
	readonly question: VectorQuestion | undefined;
	/** Whether the question was turned into a vector. */
	readonly hasRun: boolean;
	/** Why the answer has to do without vectors, when it should have had them. */
	readonly problem?: string;
}

const OTHER_LENGTH = "the model makes vectors of another length than before; those of memories are being made anew";

/** Turn a question into a vector within the time that a search may take. Never throws. */
export async function embedQuestion(embeddings: EmbeddingService, query: string): Promise<EmbeddedQuestion> {
	try {
		const vector = await embeddings.query(query);
		return vector ? { vector } : {};
	} catch (error) {
		if (!(error instanceof EmbeddingFailure)) throw error;
		return { problem: error.message };
	}
}

/** Make a question ready to be compared with the vectors of documents. */
export async function askVectors(index: ActiveIndex, { vector, problem }: EmbeddedQuestion): Promise<VectorLegAnswer> {
	if (!vector) return { question: undefined, hasRun: false, ...(problem && { problem }) };
	const codes = await index.of(vector.model);
	if (!codes) return { question: undefined, hasRun: true };
	if (codes.model.dimensions !== vector.vector.length) {
		return { question: undefined, hasRun: true, problem: OTHER_LENGTH };
	}
	return { question: new IndexedQuestion(vector, codes, index.vectorsOf(codes)), hasRun: true };
}

/** A question whose vector is there already. */
export class IndexedQuestion implements VectorQuestion {
	constructor(
		private readonly query: QueryVector,
		private readonly index: VectorIndex,
		private readonly vectors: VectorCache,
	) {}

	get weight(): number {
		return this.query.weight;
	}

	get compared(): number {
		return this.query.compared;
	}

	async nearest(reader: Reader, filter: MemoryFilter, limit: number): Promise<Estimate[]> {
		const nearest = this.index.nearest(this.query.vector, limit);
		if (!isRestrictive(filter)) return nearest;
		const docs = nearest.map(({ doc }) => doc);
		const allowed = await documentsAllowed(reader, filter, docs);
		if (allowed.size === docs.length) return nearest;
		// Some of the nearest are not meant: look among those that are.
		const all = await documentsAllowed(reader, filter);
		return this.index.nearest(this.query.vector, limit, (doc) => all.has(doc));
	}

	estimates(docs: readonly number[]): Estimate[] {
		return this.index.estimates(this.query.vector, docs);
	}

	similarities(reader: Reader, docs: readonly number[]): Promise<Map<number, number>> {
		return this.vectors.similarities(reader, this.query.vector, docs);
	}
}
