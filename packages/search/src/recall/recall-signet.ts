import { chunkSpans, type Reader, readMemories } from "@signet/db";
import { type LexicalAnswer, type LexicalHit, matchWords } from "../lexical/lexical-leg.ts";
import { matchAsReference } from "../lexical/reference-leg.ts";
import { normaliseKeywordScores } from "../ranking/reference.ts";
import { type RankedDocument, rankDocuments } from "../ranking/signet.ts";
import { askVectors, NO_VECTORS, type VectorHit, type VectorQuestion } from "../vector/vector-leg.ts";
import { type RecallAnswer, type RecallResult, type ResultSource, roundScore, shapeRow } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Documents taken from each leg, at least and for each result wanted. */
const MIN_CANDIDATES = 100;
const CANDIDATES_PER_RESULT = 3;

type Candidate = Omit<RankedDocument, "score">;

/** Recall by our own lexicon and ranking. */
export async function recallSignet(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	const { database, documents, embeddings, index, world } = context;
	const { query, filter, limit, legs } = request;
	const stopwatch = new Stopwatch(world.clock);
	const asking = legs === "words" ? NO_VECTORS : askVectors(embeddings, index, query);
	const wanted = Math.max(MIN_CANDIDATES, limit * CANDIDATES_PER_RESULT);
	const lexical: LexicalAnswer =
		legs === "vectors"
			? { words: [], hits: [] }
			: await database.read((reader) =>
					matchWords(reader, query, { filter, limit: wanted, documentCount: documents.documentCount }),
				);
	stopwatch.lap("lexical");
	const { question, hasRun, problem } = await asking;
	stopwatch.lap("embedding");
	const { ranked, vectorHits } = await database.read(async (reader) => {
		const vectorHits = question ? await question.nearest(reader, filter, wanted) : [];
		const candidates = await join(reader, lexical.hits, vectorHits, question);
		if (documents.isBehind) await addUnindexed(reader, request, candidates, wanted);
		return { ranked: rankDocuments(candidates.values(), { hasVectors: question !== undefined }), vectorHits };
	});
	stopwatch.lap("ranking");
	const results = await database.read((reader) => hydrate(reader, context, request, ranked));
	stopwatch.lap("rows");
	return {
		results,
		query,
		method: hasRun && (vectorHits.length > 0 || results.length === 0) ? "hybrid" : "keyword",
		...(problem && { degraded: problem }),
		...(request.explain && {
			explain: {
				profile: "signet" as const,
				words: lexical.words,
				model: question ? (embeddings.provider?.model ?? null) : null,
				candidates: { lexical: lexical.hits.length, vector: vectorHits.length },
				timingsMs: stopwatch.timingsMs,
			},
		}),
	};
}

/** Both legs by document, each with what the other one would say of it. */
async function join(
	reader: Reader,
	lexicalHits: readonly LexicalHit[],
	vectorHits: readonly VectorHit[],
	question: VectorQuestion | undefined,
): Promise<Map<number, Candidate>> {
	const candidates = new Map<number, Candidate>();
	for (const { doc, memoryId, similarity } of vectorHits) {
		candidates.set(doc, { doc, memoryId, lexical: undefined, similarity });
	}
	const unseen = lexicalHits.map(({ doc }) => doc).filter((doc) => !candidates.has(doc));
	const similarities = question ? await question.similarities(reader, unseen) : new Map<number, number>();
	for (const { doc, memoryId, score } of lexicalHits) {
		const similarity = candidates.get(doc)?.similarity ?? similarities.get(doc);
		candidates.set(doc, { doc, memoryId, lexical: score, similarity });
	}
	return candidates;
}

/** While the lexicon is being made, what it lacks is found by the reference's table. Numbers below 0 are no documents. */
async function addUnindexed(
	reader: Reader,
	{ query, filter }: RecallRequest,
	candidates: Map<number, Candidate>,
	limit: number,
): Promise<void> {
	const known = new Set([...candidates.values()].map(({ memoryId }) => memoryId));
	const scores = normaliseKeywordScores(await matchAsReference(reader, query, filter, limit));
	let doc = -1;
	for (const [memoryId, lexical] of scores) {
		if (!known.has(memoryId)) candidates.set(doc, { doc: doc--, memoryId, lexical, similarity: undefined });
	}
}

async function hydrate(
	reader: Reader,
	{ settings, accesses }: RecallContext,
	{ filter, limit, minScore = 0, explain }: RecallRequest,
	ranked: readonly RankedDocument[],
): Promise<RecallResult[]> {
	const kept = ranked.filter(({ score }) => roundScore(score) >= minScore).slice(0, limit);
	const rows = await readMemories(
		reader,
		kept.map(({ memoryId }) => memoryId),
		filter,
	);
	const byId = new Map(rows.map((row) => [row.id, row]));
	const spans = await chunkSpans(
		reader,
		kept.map(({ doc }) => doc),
	);
	const truncateChars = settings().pipeline.guardrails.recallTruncateChars;
	const results: RecallResult[] = [];
	for (const document of kept) {
		const row = byId.get(document.memoryId);
		if (!row) continue;
		const span = spans.get(document.doc);
		results.push({
			...shapeRow(row, { score: document.score, source: sourceOf(document), truncateChars }),
			...(span && { snippet: row.content.slice(span.start, span.end) }),
			...(explain && { explain: { lexical: document.lexical ?? null, similarity: document.similarity ?? null } }),
		});
	}
	accesses.count(results.map(({ id }) => id));
	return results;
}

function sourceOf({ lexical, similarity }: RankedDocument): ResultSource {
	if (lexical === undefined) return "vector";
	return similarity !== undefined && similarity > 0 ? "hybrid" : "keyword";
}
