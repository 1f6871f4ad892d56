import { type MemoryFilter, parseTime } from "@signet/core";
import { documentsOf, type MemoryRow, type Reader, readDocuments, readMemories, readVectors } from "@signet/db";
import { meanDirection } from "../vector/compact.ts";
import type { VectorIndex } from "../vector/vector-index.ts";
import { IndexedQuestion, type VectorQuestion } from "../vector/vector-leg.ts";
import { roundScore } from "./answer.ts";
import type { RecallContext } from "./context.ts";

/** Documents compared exactly at first, at least and for each memory wanted; more, when they are chunks of few memories. */
const MIN_COMPARED = 100;
const COMPARED_PER_WANTED = 4;

export interface SimilarRequest {
	readonly memoryId: string;
	readonly filter: MemoryFilter;
	readonly limit: number;
}

export interface SimilarMemory {
	readonly memory: MemoryRow;
	/** Cosine, from 0 to 1, two decimals. */
	readonly score: number;
}

/**
 * The memories that are nearest to another by their vectors, best first. A memory in chunks is where its chunks are on
 * average when others are compared with it, and where the nearest of them is when it is compared. Undefined when it has
 * no vector of the model in use, was forgotten, or is outside of the scope.
 */
export async function similarMemories(
	{ database, embeddings, corpus }: Pick<RecallContext, "database" | "embeddings" | "corpus">,
	{ memoryId, filter, limit }: SimilarRequest,
): Promise<SimilarMemory[] | undefined> {
	const { index } = corpus;
	const { provider } = embeddings;
	const codes = provider && (await index.of(provider.model));
	if (!codes) return undefined;
	return database.read(async (reader) => {
		// Its documents may be there for a moment after another program has forgotten it.
		if ((await readMemories(reader, [memoryId], { scope: filter.scope })).length === 0) return undefined;
		const own = (await documentsOf(reader, memoryId)).map(({ doc }) => doc);
		const vector = meanDirection(await vectorsOf(reader, codes, own), codes.model.dimensions);
		if (!vector) return undefined;
		const { model, weight, compared } = provider;
		const question = new IndexedQuestion({ model, vector, weight, compared }, codes, index.vectorsOf(codes));
		const nearest = await nearestMemories(reader, question, { memoryId, filter, limit, ownCount: own.length });
		const rows = await readMemories(reader, [...nearest.keys()], filter);
		return rows
			.map((memory) => ({ memory, score: roundScore(Math.max(0, nearest.get(memory.id) ?? 0)) }))
			.sort(
				(a, b) => (nearest.get(b.memory.id) ?? 0) - (nearest.get(a.memory.id) ?? 0) || laterFirst(a.memory, b.memory),
			)
			.slice(0, limit);
	});
}

/** In an order that no edit and no other home changes. */
function laterFirst(a: MemoryRow, b: MemoryRow): number {
	const [one = 0, other = 0] = [parseTime(a.created_at), parseTime(b.created_at)];
	return other - one || (a.id < b.id ? 1 : -1);
}

async function vectorsOf(reader: Reader, codes: VectorIndex, docs: readonly number[]): Promise<Uint8Array[]> {
	return (await readVectors(reader, codes.model, docs)).map(({ vector }) => vector);
}

/** The greatest similarity of the documents of each other memory, until there are enough memories or no more documents. */
async function nearestMemories(
	reader: Reader,
	question: VectorQuestion,
	{ memoryId, filter, limit, ownCount }: SimilarRequest & { ownCount: number },
): Promise<Map<string, number>> {
	for (let compared = Math.max(MIN_COMPARED, limit * COMPARED_PER_WANTED) + ownCount; ; compared *= 2) {
		const docs = (await question.nearest(reader, filter, compared)).map(({ doc }) => doc);
		const similarities = await question.similarities(reader, docs);
		const best = new Map<string, number>();
		for (const { doc, memoryId: other } of await readDocuments(reader, docs)) {
			const similarity = similarities.get(doc);
			if (similarity === undefined || other === memoryId) continue;
			best.set(other, Math.max(similarity, best.get(other) ?? -1));
		}
		if (best.size >= limit || docs.length < compared) return best;
	}
}
