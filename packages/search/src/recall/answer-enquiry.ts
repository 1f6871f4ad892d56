import { type Clock, isScoped } from "@signet/core";
import {
	documentsAllowed,
	isRestrictive,
	type Reader,
	readShownMemories,
	type SearchedDocument,
	type ShownMemory,
} from "@signet/db";
import type { Conversations } from "../conversation/conversations.ts";
import { matchWords, NO_MATCHES, type WordMatches } from "../lexical/lexical-leg.ts";
import { parseQuestion, type Question } from "../lexical/question.ts";
import { matchAsReference } from "../lexical/reference-leg.ts";
import { WordScorer } from "../lexical/word-scorer.ts";
import { ABSTAIN_BELOW, confidenceOf } from "../ranking/confidence.ts";
import { type Lifted, lift, sessionFactor } from "../ranking/lift.ts";
import { withoutNearDuplicates } from "../ranking/near-duplicates.ts";
import { normaliseKeywordScores } from "../ranking/reference.ts";
import { fittingRules, withRules } from "../ranking/rules.ts";
import { scoresOf } from "../ranking/score.ts";
import { type Candidate, type RankedDocument, rankDocuments, type Weighing, weigh } from "../ranking/signet.ts";
import { standingFirst, touched } from "../ranking/standing.ts";
import { type Weight, weightFor } from "../ranking/weights.ts";
import type { Estimate } from "../vector/vector-index.ts";
import { askVectors, type EmbeddedQuestion, type VectorQuestion } from "../vector/vector-leg.ts";
import { type RecallAnswer, roundScore } from "./answer.ts";
import type { RecallRequest } from "./context.ts";
import type { Corpus } from "./corpus.ts";
import { freshest } from "./freshest.ts";
import { shapeResults } from "./signet-results.ts";
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
/** Rules looked at, the newest. */
const MAX_RULES = 200;
/** Rows read beyond those wanted: some may not be let through, and what holds now may stand a little further down. */
const MORE_ROWS = 5;

/** A question with all that answering it takes besides the corpus and its vector. */
export interface Enquiry {
	readonly request: RecallRequest;
	/** How many documents there are, and whether there are memories that the lexicon does not have yet. */
	readonly documentCount: number;
	readonly isBehind: boolean;
	/** Length in UTF-16 code units from which on contents are cut. */
	readonly truncateChars: number;
}

/**
 * Answer a question by our own lexicon and ranking.
 *
 * @param embedding the question as a vector, which may still be being made while its words are looked for
 */
export async function answerEnquiry(
	corpus: Corpus,
	enquiry: Enquiry,
	embedding: EmbeddedQuestion | Promise<EmbeddedQuestion>,
	clock: Pick<Clock, "monotonicMs">,
): Promise<RecallAnswer> {
	const { database, index, conversations } = corpus;
	const { request } = enquiry;
	const { query, limit, legs } = request;
	const stopwatch = new Stopwatch(clock);
	const isLimited = isScoped(request.filter.scope);
	await conversations.ready();
	// Of equals what was stored last is first: numbers of documents change with each edit, and from home to home.
	const laterFirst = (doc: number, other: number) => conversations.laterFirst(doc, other);
	const question = parseQuestion(query);
	const wanted = Math.max(MIN_CANDIDATES, limit * CANDIDATES_PER_RESULT);
	const documentCount = await database.read((reader) =>
		corpus.seenDocuments.count(reader, request.filter.scope, enquiry.documentCount),
	);
	const matches =
		legs === "vectors" ? NO_MATCHES : await matchQuestion(corpus, question, enquiry, { limit: wanted, documentCount });
	stopwatch.lap("lexical");
	const embedded = await embedding;
	const { question: vector, hasRun, problem } = await askVectors(index, embedded);
	stopwatch.lap("embedding");
	const scorer = new WordScorer(matches.words, documentCount);
	const weight = weightFor(question, conversations);
	const rules = legs === "vectors" ? [] : await newestRules(corpus, request);
	const lifted = lift(matches.lists, { limit: wanted, others: rules, conversations, weight });
	const found = await database.read(async (reader) => {
		const near = vector ? await mostSimilar(reader, vector, request, laterFirst) : [];
		const isMeant = await meantBy(
			reader,
			request,
			[...lifted.best, ...lifted.others].map(({ doc }) => doc),
		);
		const fitting = fittingRules(withSimilarities(lifted.others.filter(isMeant), vector), { laterFirst });
		const docs = new Set([...lifted.best.filter(isMeant), ...near].map(({ doc }) => doc));
		const { read, isAllSaid } = withPhrases(
			await corpus.recentDocuments.read(reader, docs.union(new Set(fitting))),
			question,
		);
		const candidates = [
			...compare(read, { scorer, lifted, near, vector, weight }),
			...(enquiry.isBehind ? await unindexed(reader, request, wanted) : []),
		];
		// Where words find nothing, vectors are all there is.
		const vectorWeight = matches.lists.length === 0 ? 1 : (vector?.weight ?? 0);
		const weighing: Weighing = {
			vectorWeight,
			// What the lexicon lacks is of no session.
			laterFirst,
			sessionFactor: (doc, evidence) => (doc < 0 ? 1 : sessionFactor(lifted.session(doc, evidence))),
		};
		const ranked = await rank(reader, candidates, { vector, near, weighing, limit });
		const ruling = candidates.filter(({ doc }) => fitting.includes(doc)).map((rule) => weigh(rule, weighing));
		return { near, candidates, vectorWeight, isAllSaid, ...withoutRepetitions(ranked, ruling, conversations) };
	});
	stopwatch.lap("ranking");
	const model = embedded.vector?.model ?? null;
	const vectors = vector && (model?.startsWith("embedded:") ? "embedded" : "other");
	const confidence = confidenceOf(matches.words, found.candidates, {
		documentCount,
		vectors,
		isAllSaid: found.isAllSaid,
	});
	const isUnsure = confidence < ABSTAIN_BELOW;
	const { results, standing } = await database.read(async (reader) => {
		const { ranked, rows: read } = await withRows(reader, request, found);
		const { fresh, rows } = await freshest(reader, ranked, question, {
			rows: read,
			filter: request.filter,
			scorer,
			corpus,
		});
		const ruling = found.ruling.filter(({ memoryId }) => rows.has(memoryId));
		const standing = isUnsure && found.isAllSaid ? touched([...fresh, ...ruling], conversations) : [];
		const ordered = standingFirst(withRules(fresh, ruling, limit), standing);
		const asked = { wordCount: question.words.length, scorer, isEmpty: question.isEmpty };
		const likelihood = scoresOf(ranked, asked, confidence);
		const scoreOf = (document: RankedDocument) => (standing.includes(document) ? ABSTAIN_BELOW : likelihood(document));
		const kept = ordered.filter((one) => roundScore(scoreOf(one)) >= (request.minScore ?? 0)).slice(0, limit);
		const results = await shapeResults(reader, corpus, enquiry, { ranked: kept, rows, scoreOf });
		return { results, standing: standing.filter((one) => kept.includes(one)) };
	});
	stopwatch.lap("rows");
	return {
		results,
		query,
		method: hasRun && (found.near.length > 0 || results.length === 0) ? "hybrid" : "keyword",
		confidence: roundScore(confidence),
		...(isUnsure && standing.length === 0 && { abstain: true as const }),
		...(problem && { degraded: problem }),
		...(request.explain && {
			explain: {
				profile: "signet" as const,
				words: isLimited ? matches.words.map(({ word }) => ({ word })) : matches.words,
				model: vector ? model : null,
				vectorWeight: vector ? found.vectorWeight : 0,
				candidates: { lexical: isLimited ? found.candidates.length : lifted.best.length, vector: found.near.length },
				timingsMs: stopwatch.timingsMs,
			},
		}),
	};
}

function matchQuestion(
	{ database, seenDocuments, wordCounts: counts, postings }: Corpus,
	question: Question,
	{ request: { filter }, documentCount: ofAll }: Enquiry,
	{ limit, documentCount }: { limit: number; documentCount: number },
): Promise<WordMatches> {
	return database.read(async (reader) => {
		const { scope, project } = filter;
		const projectCount =
			project === undefined ? documentCount : await seenDocuments.count(reader, { project, ...scope }, ofAll);
		return matchWords(reader, question, { filter, limit, documentCount, projectCount, counts, postings });
	});
}

/** The documents with the most similar vectors, the most similar first: by their codes, then by the vectors themselves. */
async function mostSimilar(
	reader: Reader,
	question: VectorQuestion,
	{ filter, limit }: RecallRequest,
	laterFirst: (doc: number, other: number) => number,
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
		.sort((a, b) => b.similarity - a.similarity || laterFirst(a.doc, b.doc))
		.slice(0, Math.max(MIN_NEAREST, Math.ceil(limit * NEAREST_PER_RESULT)));
}

/**
 * Which documents the filter lets through. What surrounds the words that were found, and rules, are not looked for by the
 * filter; nor may they tell whoever is not meant to know of them that anything is known.
 */
async function meantBy(
	reader: Reader,
	{ filter }: RecallRequest,
	docs: readonly number[],
): Promise<(document: { readonly doc: number }) => boolean> {
	if (!isRestrictive(filter)) return () => true;
	const allowed = await documentsAllowed(reader, filter, docs);
	return ({ doc }) => allowed.has(doc);
}

/** The newest rules of those that are meant. */
async function newestRules({ database, conversations }: Corpus, { filter }: RecallRequest): Promise<readonly number[]> {
	const newest = conversations.rules(MAX_RULES);
	if (newest.length < MAX_RULES || !isRestrictive(filter)) return newest;
	const all = conversations.rules();
	const allowed = await database.read((reader) => documentsAllowed(reader, filter, all));
	return all.filter((doc) => allowed.has(doc)).slice(0, MAX_RULES);
}

/** Those that have all phrases of a question that any of them has, and whether these are all. */
function withPhrases(
	documents: readonly SearchedDocument[],
	{ phrases }: Question,
): { read: readonly SearchedDocument[]; isAllSaid: boolean } {
	const known = phrases.flatMap(
		({ asWritten, parts }) =>
			[asWritten, parts].find((phrase) => documents.some(({ words }) => words.includes(phrase))) ?? [],
	);
	const read = documents.filter(({ words }) => known.every((phrase) => words.includes(phrase)));
	return { read, isAllSaid: known.length === phrases.length };
}

/** What was found and the rules, each thing that they say once. */
function withoutRepetitions(
	ranked: readonly RankedDocument[],
	ruling: readonly RankedDocument[],
	conversations: Pick<Conversations, "speaker">,
): Record<"ranked" | "ruling", RankedDocument[]> {
	const kept = withoutNearDuplicates(ranked, conversations);
	const left = new Set(kept.map(({ memoryId }) => memoryId));
	const gone = new Set(ranked.map(({ memoryId }) => memoryId).filter((id) => !left.has(id)));
	const rules = [...new Map(ruling.map((rule) => [rule.memoryId, rule])).values()].filter(
		({ memoryId }) => !gone.has(memoryId),
	);
	return { ranked: kept, ruling: withoutNearDuplicates(rules, conversations) };
}

function withSimilarities(rules: Lifted["others"], vector: VectorQuestion | undefined) {
	const estimates = vector?.estimates(rules.map(({ doc }) => doc)) ?? [];
	const similarities = new Map(estimates.map(({ doc, similarity }) => [doc, similarity]));
	return rules.map(({ doc, own }) => ({ doc, own, similarity: similarities.get(doc) ?? 0 }));
}

/** What both legs say of each document, whichever found it. */
function compare(
	documents: readonly SearchedDocument[],
	{
		scorer,
		lifted,
		near,
		vector,
		weight,
	}: {
		scorer: WordScorer;
		lifted: Lifted;
		near: readonly Estimate[];
		vector: VectorQuestion | undefined;
		weight: Weight;
	},
): Candidate[] {
	const similarities = new Map(near.map(({ doc, similarity }) => [doc, similarity]));
	const contexts = new Map(lifted.best.map(({ doc, context }) => [doc, context]));
	const others = documents.map(({ doc }) => doc).filter((doc) => !similarities.has(doc));
	for (const { doc, similarity } of vector?.estimates(others) ?? []) similarities.set(doc, similarity);
	return documents.map((document) => ({
		doc: document.doc,
		memoryId: document.memoryId,
		span: spanOf(document),
		words: document.words,
		wordCount: document.wordCount,
		lexical: scorer.score(document) || undefined,
		context: contexts.get(document.doc) ?? 0,
		similarity: similarities.get(document.doc),
		weight: weight(document.doc),
	}));
}

/** With similarities that are only about right first, then with the exact ones of the best. */
async function rank(
	reader: Reader,
	candidates: readonly Candidate[],
	{
		vector,
		near,
		weighing,
		limit,
	}: { vector: VectorQuestion | undefined; near: readonly Estimate[]; weighing: Weighing; limit: number },
): Promise<RankedDocument[]> {
	const likely = rankDocuments(candidates, weighing);
	if (!vector) return likely;
	const exact = new Set(near.map(({ doc }) => doc));
	const best = likely.slice(0, Math.max(MIN_VERIFIED, Math.ceil(limit * VERIFIED_PER_RESULT)));
	const similarities = await vector.similarities(
		reader,
		best.map(({ doc }) => doc).filter((doc) => !exact.has(doc)),
	);
	const verified = best.map((document) =>
		exact.has(document.doc) ? document : { ...document, similarity: similarities.get(document.doc) },
	);
	return rankDocuments(verified, weighing);
}

function spanOf({ start, end }: SearchedDocument): Candidate["span"] {
	return start === null || end === null ? undefined : { start, end };
}

/** While the lexicon is being made, what it lacks is found by the reference's table. Numbers below 0 are no documents. */
async function unindexed(reader: Reader, { query, filter, legs }: RecallRequest, limit: number): Promise<Candidate[]> {
	if (legs === "vectors") return [];
	const scores = normaliseKeywordScores(await matchAsReference(reader, query, filter, limit));
	return [...scores].map(([memoryId, lexical], at) => ({
		doc: -1 - at,
		memoryId,
		span: undefined,
		words: "",
		wordCount: 0,
		lexical,
		context: 0,
		similarity: undefined,
		weight: 1,
	}));
}

/** The rows of the best that the filter lets through. Turns found by what is said around them may not be meant at all. */
async function withRows(
	reader: Reader,
	{ filter, limit }: RecallRequest,
	{ ranked, ruling }: { ranked: readonly RankedDocument[]; ruling: readonly RankedDocument[] },
): Promise<{ ranked: RankedDocument[]; rows: Map<string, ShownMemory> }> {
	const rows = new Map<string, ShownMemory>();
	const read = async (documents: readonly RankedDocument[]) => {
		const ids = documents.map(({ memoryId }) => memoryId);
		for (const row of await readShownMemories(reader, ids, filter)) rows.set(row.id, row);
	};
	const few = limit + MORE_ROWS;
	await read([...ranked.slice(0, few), ...ruling]);
	const isThere = ({ memoryId }: RankedDocument) => rows.has(memoryId);
	if (ranked.length > few && ranked.slice(0, few).filter(isThere).length < limit) await read(ranked.slice(few));
	return { ranked: ranked.filter(isThere), rows };
}
