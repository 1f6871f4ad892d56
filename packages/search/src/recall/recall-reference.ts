import { EVERYTHING, parseTime } from "@signet/core";
import {
	documentsOfMemories,
	entitiesNamed,
	memoriesMentioning,
	neighbouringEntities,
	type Reader,
	rationalesBehind,
	readDocuments,
	readMemories,
} from "@signet/db";
import { plainQueryWords } from "../lexical/query-words.ts";
import { matchAsReference } from "../lexical/reference-leg.ts";
import {
	blend,
	boostLinked,
	boostRehearsed,
	normaliseKeywordScores,
	type ReferenceCandidate,
	type Rehearsal,
	rerank,
} from "../ranking/reference.ts";
import { askVectors, embedQuestion, type VectorQuestion } from "../vector/vector-leg.ts";
import { type RecallAnswer, type RecallResult, roundScore, shapeRow } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";
import { Stopwatch } from "./stopwatch.ts";

const SHORTEST_ENTITY_WORD = 3;
/** Documents whose vectors are read and compared exactly, at least and for each one wanted. */
const MIN_COMPARED = 150;
const COMPARED_PER_WANTED = 4;

/** Recall as the reference ranks, without its faults: filters hold for both legs, and no text is taken for syntax. */
export async function recallReference(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	const { database, embeddings, corpus, world } = context;
	const { query, filter, legs } = request;
	const { search } = context.settings();
	const stopwatch = new Stopwatch(world.clock);
	const embedding = legs === "words" ? {} : embedQuestion(embeddings, query);
	const keywordHits =
		legs === "vectors" ? [] : await database.read((reader) => matchAsReference(reader, query, filter, search.top_k));
	stopwatch.lap("lexical");
	const { question, hasRun, problem } = await askVectors(corpus.index, await embedding);
	stopwatch.lap("embedding");
	const answer = await database.read(async (reader) => {
		const vectorHits = question ? await mostSimilar(reader, question, filter, search.top_k) : [];
		const similarities = bestByMemory(
			vectorHits.map(({ memoryId, similarity }) => ({ memoryId, similarity: Math.max(0, similarity) })),
		);
		const blended = blend(normaliseKeywordScores(keywordHits), similarities, {
			alpha: search.alpha,
			minScore: search.min_score,
		});
		const ranked = await rank(reader, context, query, blended, question);
		stopwatch.lap("ranking");
		return { vectorHits, results: await hydrate(reader, context, request, ranked) };
	});
	stopwatch.lap("rows");
	const { vectorHits, results } = answer;
	return {
		results,
		query,
		method: hasRun && (vectorHits.length > 0 || results.length === 0) ? "hybrid" : "keyword",
		...(problem && { degraded: problem }),
		...(request.explain && {
			explain: {
				profile: "reference" as const,
				words: plainQueryWords(query).map((word) => ({ word })),
				model: question ? (embeddings.provider?.model ?? null) : null,
				candidates: { lexical: keywordHits.length, vector: vectorHits.length },
				timingsMs: stopwatch.timingsMs,
			},
		}),
	};
}

interface SimilarMemory {
	readonly memoryId: string;
	/** Cosine, from -1 to 1. */
	readonly similarity: number;
}

/** The documents with the most similar vectors, best first, by their memories. */
async function mostSimilar(
	reader: Reader,
	question: VectorQuestion,
	filter: RecallRequest["filter"],
	limit: number,
): Promise<SimilarMemory[]> {
	const compared = Math.max(MIN_COMPARED, limit * COMPARED_PER_WANTED);
	const docs = (await question.nearest(reader, filter, compared)).map(({ doc }) => doc);
	const memories = new Map((await readDocuments(reader, docs)).map(({ doc, memoryId }) => [doc, memoryId]));
	return (
		[...(await question.similarities(reader, docs))]
			.map(([doc, similarity]) => ({ memoryId: memories.get(doc) ?? "", similarity }))
			// Numbers of documents change with each edit.
			.sort((a, b) => b.similarity - a.similarity || (a.memoryId < b.memoryId ? -1 : 1))
			.slice(0, limit)
	);
}

async function rank(
	reader: Reader,
	{ settings, world }: RecallContext,
	query: string,
	blended: ReferenceCandidate[],
	question: VectorQuestion | undefined,
): Promise<ReferenceCandidate[]> {
	const { search, pipeline } = settings();
	let ranked = blended;
	if (search.rehearsal_enabled && search.rehearsal_weight > 0) {
		ranked = boostRehearsed(ranked, await rehearsalsOf(reader, ranked), {
			weight: search.rehearsal_weight,
			halfLifeDays: search.rehearsal_half_life_days,
			nowMs: world.clock.now(),
		});
	}
	if (pipeline.graph.enabled && pipeline.graph.boostWeight > 0) {
		ranked = boostLinked(ranked, await linkedMemories(reader, query), pipeline.graph.boostWeight);
	}
	if (pipeline.reranker.enabled) {
		const head = ranked.slice(0, pipeline.reranker.topN);
		ranked = rerank(ranked, question && (await cosinesOf(reader, question, head)), pipeline.reranker.topN);
	}
	return ranked;
}

async function rehearsalsOf(
	reader: Reader,
	candidates: readonly ReferenceCandidate[],
): Promise<Map<string, Rehearsal>> {
	const rows = await readMemories(
		reader,
		candidates.map(({ id }) => id),
		{ scope: EVERYTHING },
	);
	return new Map(
		rows.map(({ id, access_count, last_accessed }) => [
			id,
			{
				accessCount: access_count ?? 0,
				lastAccessedMs: last_accessed === null ? undefined : parseTime(last_accessed),
			},
		]),
	);
}

/** Memories that mention an entity which the question names, or a neighbour of one. */
async function linkedMemories(reader: Reader, query: string): Promise<Set<string>> {
	const words = plainQueryWords(query).filter((word) => word.length >= SHORTEST_ENTITY_WORD);
	const named = await entitiesNamed(reader, words);
	return memoriesMentioning(reader, [...new Set([...named, ...(await neighbouringEntities(reader, named))])]);
}

async function cosinesOf(
	reader: Reader,
	question: VectorQuestion,
	candidates: readonly ReferenceCandidate[],
): Promise<Map<string, number>> {
	const documents = await documentsOfMemories(
		reader,
		candidates.map(({ id }) => id),
	);
	const similarities = await question.similarities(reader, [...documents.keys()]);
	return bestByMemory(
		[...similarities].map(([doc, similarity]) => ({ memoryId: documents.get(doc) ?? "", similarity })),
	);
}

/** The greatest similarity of each memory's documents. */
function bestByMemory(hits: readonly { memoryId: string; similarity: number }[]): Map<string, number> {
	const best = new Map<string, number>();
	for (const { memoryId, similarity } of hits) {
		best.set(memoryId, Math.max(similarity, best.get(memoryId) ?? Number.NEGATIVE_INFINITY));
	}
	return best;
}

async function hydrate(
	reader: Reader,
	{ settings, accesses }: RecallContext,
	{ filter, limit, minScore = 0, explain, isPreview }: RecallRequest,
	ranked: readonly ReferenceCandidate[],
): Promise<RecallResult[]> {
	const kept = ranked.filter(({ score }) => roundScore(score) >= minScore).slice(0, limit);
	const rows = await readMemories(
		reader,
		kept.map(({ id }) => id),
		filter,
	);
	const byId = new Map(rows.map((row) => [row.id, row]));
	const { graph, guardrails } = settings().pipeline;
	const truncateChars = guardrails.recallTruncateChars;
	const results: RecallResult[] = [];
	for (const { id, score, source } of kept) {
		const row = byId.get(id);
		if (!row) continue;
		results.push({
			...shapeRow(row, { score, source, truncateChars }),
			...(explain && { explain: { blended: score } }),
		});
	}
	if (!isPreview) accesses.count(results.map(({ id }) => id));
	return graph.enabled ? [...results, ...(await rationales(reader, results, truncateChars, filter))] : results;
}

/** Why something was decided belongs beside the decision, beyond the limit. */
async function rationales(
	reader: Reader,
	results: readonly RecallResult[],
	truncateChars: number,
	filter: RecallRequest["filter"],
): Promise<RecallResult[]> {
	const decisions = results.filter(({ type }) => type === "decision").map(({ id }) => id);
	const ids = await rationalesBehind(reader, decisions);
	const known = new Set(results.map(({ id }) => id));
	const { type: _, ...ofAnyType } = filter;
	const rows = await readMemories(
		reader,
		ids.filter((id) => !known.has(id)),
		ofAnyType,
	);
	return rows.map((row) => ({
		...shapeRow(row, { score: 0, source: "graph", truncateChars }),
		supplementary: true as const,
	}));
}
