import { type Reader, readDocuments, readMemories, type SearchedDocument } from "@signet/db";
import { matchWords, NO_MATCHES, type WordMatches } from "../lexical/lexical-leg.ts";
import { matchAsReference } from "../lexical/reference-leg.ts";
import { WordScorer } from "../lexical/word-scorer.ts";
import { normaliseKeywordScores } from "../ranking/reference.ts";
import { type Candidate, type RankedDocument, rankDocuments } from "../ranking/signet.ts";
import type { Estimate } from "../vector/vector-index.ts";
import { askVectors, NO_VECTORS, type VectorQuestion } from "../vector/vector-leg.ts";
import { type RecallAnswer, type RecallResult, type ResultSource, roundScore, shapeRow } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Documents taken from the words, at least and for each result wanted. */
const MIN_CANDIDATES = 30;
const CANDIDATES_PER_RESULT = 3;
/** Documents taken from the vectors: what is further down and meant has some of the words as well. */
const MIN_NEAREST = 15;
const NEAREST_PER_RESULT = 1.5;
/** For so many results the model's own number of exact comparisons is enough. */
const USUAL_LIMIT = 10;
/** Of what was found by words alone, the best that are compared exactly too, at least and for each result wanted. */
const MIN_VERIFIED = 15;
const VERIFIED_PER_RESULT = 1.5;

/** Recall by our own lexicon and ranking. */
export async function recallSignet(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	const { database, embeddings, index, world } = context;
	const { query, limit, legs } = request;
	const stopwatch = new Stopwatch(world.clock);
	const asking = legs === "words" ? NO_VECTORS : askVectors(embeddings, index, query);
	// Questions that came together are all on their way to the model before the first of them keeps this thread busy.
	await world.timers.yield();
	const wanted = Math.max(MIN_CANDIDATES, limit * CANDIDATES_PER_RESULT);
	const matches = legs === "vectors" ? NO_MATCHES : await matchQuestion(context, request, wanted);
	stopwatch.lap("lexical");
	const { question, hasRun, problem } = await asking;
	stopwatch.lap("embedding");
	const { near, ranked } = await database.read(async (reader) => {
		const near = question ? await mostSimilar(reader, question, request) : [];
		const documents = await readDocuments(reader, [...new Set([...matches.docs, ...near.map(({ doc }) => doc)])]);
		const candidates = [
			...compare(documents, matches, near, { question, documentCount: context.documents.documentCount }),
			...(await unindexed(reader, context, request, wanted)),
		];
		// Where words find nothing, vectors are all there is.
		const weight = matches.docs.length === 0 ? 1 : (question?.weight ?? 0);
		return { near, ranked: await rank(reader, candidates, { question, near, weight, limit }) };
	});
	stopwatch.lap("ranking");
	const results = await database.read((reader) => hydrate(reader, context, request, ranked));
	stopwatch.lap("rows");
	return {
		results,
		query,
		method: hasRun && (near.length > 0 || results.length === 0) ? "hybrid" : "keyword",
		...(problem && { degraded: problem }),
		...(request.explain && {
			explain: {
				profile: "signet" as const,
				words: matches.words,
				model: question ? (embeddings.provider?.model ?? null) : null,
				candidates: { lexical: matches.docs.length, vector: near.length },
				timingsMs: stopwatch.timingsMs,
			},
		}),
	};
}

function matchQuestion(
	{ database, documents, wordCounts }: RecallContext,
	{ query, filter }: RecallRequest,
	limit: number,
): Promise<WordMatches> {
	return database.read((reader) =>
		matchWords(reader, query, { filter, limit, documentCount: documents.documentCount, counts: wordCounts }),
	);
}

/** The documents with the most similar vectors, the most similar first: by their codes, then by the vectors themselves. */
async function mostSimilar(
	reader: Reader,
	question: VectorQuestion,
	{ filter, limit }: RecallRequest,
): Promise<Estimate[]> {
	const likely = await question.nearest(
		reader,
		filter,
		Math.ceil(question.compared * Math.max(1, limit / USUAL_LIMIT)),
	);
	const similarities = await question.similarities(
		reader,
		likely.map(({ doc }) => doc),
	);
	return [...similarities]
		.map(([doc, similarity]) => ({ doc, similarity }))
		.sort((a, b) => b.similarity - a.similarity || b.doc - a.doc)
		.slice(0, Math.max(MIN_NEAREST, Math.ceil(limit * NEAREST_PER_RESULT)));
}

/** What both legs say of each document, whichever found it. */
function compare(
	documents: readonly SearchedDocument[],
	{ words }: WordMatches,
	near: readonly Estimate[],
	{ question, documentCount }: { question: VectorQuestion | undefined; documentCount: number },
): Candidate[] {
	const scorer = new WordScorer(words, documentCount);
	const similarities = new Map(near.map(({ doc, similarity }) => [doc, similarity]));
	const others = documents.map(({ doc }) => doc).filter((doc) => !similarities.has(doc));
	for (const { doc, similarity } of question?.estimates(others) ?? []) similarities.set(doc, similarity);
	return documents.map((document) => ({
		doc: document.doc,
		memoryId: document.memoryId,
		span: spanOf(document),
		lexical: scorer.score(document) || undefined,
		similarity: similarities.get(document.doc),
	}));
}

/** With similarities that are only about right first, then with the exact ones of the best. */
async function rank(
	reader: Reader,
	candidates: readonly Candidate[],
	{
		question,
		near,
		weight,
		limit,
	}: { question: VectorQuestion | undefined; near: readonly Estimate[]; weight: number; limit: number },
): Promise<RankedDocument[]> {
	const likely = rankDocuments(candidates, weight);
	if (!question) return likely;
	const exact = new Set(near.map(({ doc }) => doc));
	const best = likely.slice(0, Math.max(MIN_VERIFIED, Math.ceil(limit * VERIFIED_PER_RESULT)));
	const similarities = await question.similarities(
		reader,
		best.map(({ doc }) => doc).filter((doc) => !exact.has(doc)),
	);
	const verified = best.map((document) =>
		exact.has(document.doc) ? document : { ...document, similarity: similarities.get(document.doc) },
	);
	return rankDocuments(verified, weight);
}

function spanOf({ start, end }: SearchedDocument): Candidate["span"] {
	return start === null || end === null ? undefined : { start, end };
}

/** While the lexicon is being made, what it lacks is found by the reference's table. Numbers below 0 are no documents. */
async function unindexed(
	reader: Reader,
	{ documents }: RecallContext,
	{ query, filter, legs }: RecallRequest,
	limit: number,
): Promise<Candidate[]> {
	if (!documents.isBehind || legs === "vectors") return [];
	const scores = normaliseKeywordScores(await matchAsReference(reader, query, filter, limit));
	return [...scores].map(([memoryId, lexical], at) => ({
		doc: -1 - at,
		memoryId,
		span: undefined,
		lexical,
		similarity: undefined,
	}));
}

async function hydrate(
	reader: Reader,
	{ settings, accesses }: RecallContext,
	{ filter, limit, minScore = 0, explain, isPreview }: RecallRequest,
	ranked: readonly RankedDocument[],
): Promise<RecallResult[]> {
	const kept = ranked.filter(({ score }) => roundScore(score) >= minScore).slice(0, limit);
	const rows = await readMemories(
		reader,
		kept.map(({ memoryId }) => memoryId),
		filter,
	);
	const byId = new Map(rows.map((row) => [row.id, row]));
	const truncateChars = settings().pipeline.guardrails.recallTruncateChars;
	const results: RecallResult[] = [];
	for (const document of kept) {
		const row = byId.get(document.memoryId);
		if (!row) continue;
		const { span } = document;
		results.push({
			...shapeRow(row, { score: document.score, source: sourceOf(document), truncateChars }),
			...(span && { snippet: row.content.slice(span.start, span.end) }),
			...(explain && { explain: { lexical: document.lexical ?? null, similarity: document.similarity ?? null } }),
		});
	}
	if (!isPreview) accesses.count(results.map(({ id }) => id));
	return results;
}

function sourceOf({ lexical, similarity }: RankedDocument): ResultSource {
	if (lexical === undefined) return "vector";
	return similarity !== undefined && similarity > 0 ? "hybrid" : "keyword";
}
