import type { QuestionWord } from "../lexical/word-scorer.ts";
import { raritiesOf } from "../lexical/word-scorer.ts";
import { type Candidate, logistic } from "./signet.ts";

/**
 * How sure we are that anything is known about a question. Logistic curves over what does not depend on how good the best
 * memory is beside the others: fitted to questions of public conversations asked of the memory that has the answer and of
 * others that do not (`npm run bench:quality`), in homes of eight memories, of hundreds and of thousands.
 */

interface Curve {
	readonly bias: number;
	/** For what the best memory has of the question, in it and around it. */
	readonly covered: number;
	/** For the share of the question's words, by rarity, that any memory has. */
	readonly known: number;
	/** For the similarity of the nearest memory. */
	readonly similarity: number;
}

const WORDS: Curve = { bias: -7.6, covered: 10.7, known: 5.9, similarity: 0 };
/** Similarities mean something else with each model: these are for the embedded one. */
const WORDS_AND_SPELLING: Curve = { bias: -9.4, covered: 8.3, known: 4.5, similarity: 9.9 };
const SPELLING: Curve = { bias: -6.5, covered: 0, known: 0, similarity: 20.5 };
/** A guess for models that nobody has measured, on the careful side. */
const MEANING: Curve = { bias: -8, covered: 0, known: 0, similarity: 12 };

/**
 * The best of many is better than the best of few, though none be meant: by chance the greatest of n grows about as the
 * logarithm of n (Fisher and Tippett 1928). The curves are for so many documents; for e times as many, this is taken off.
 */
const USUAL_DOCUMENTS = 550;
const FEWEST_DOCUMENTS = 8;
const CROWDING = 0.6;

/**
 * A word that no memory has is at least as telling as one that this share of them has: where thousands have `name`, whose
 * dentist's name nobody said is not known by half.
 */
const UNKNOWN_SHARE = 0.01;

/** A memory with less than this of the question, which so many have as much of, has it by chance. */
const LEAST_COVERED = 0.5;
const MANY_BY_CHANCE = 100;

/** As sure as one can be of what was found by chance, or has not what the question quotes. */
const MOST_UNSURE = 0.2;

/** What is less sure than this should not be told unasked: nine of ten questions that have an answer are above. */
export const ABSTAIN_BELOW = 0.4;

export interface Knowing {
	readonly documentCount: number;
	/** What the vectors were made by; undefined when there are none. */
	readonly vectors: "embedded" | "other" | undefined;
	/** Whether all that the question quotes is said so in what was found. */
	readonly isAllSaid: boolean;
}

/** From 0 to 1. */
export function confidenceOf(
	words: readonly QuestionWord[],
	candidates: readonly Candidate[],
	{ documentCount, vectors, isAllSaid }: Knowing,
): number {
	if (candidates.length === 0) return 0;
	const evidence = evidenceOf(words, candidates, documentCount);
	const by = (curve: Curve) => sureness(curve, evidence);
	const most = (confidence: number, isSure: boolean) => (isSure ? confidence : Math.min(MOST_UNSURE, confidence));
	const byWords = most(by(vectors === "embedded" ? WORDS_AND_SPELLING : WORDS), !evidence.isByChance);
	if (vectors === "embedded" && words.length === 0) return most(by(SPELLING), isAllSaid);
	return most(vectors === "other" ? Math.max(byWords, by(MEANING)) : byWords, isAllSaid);
}

interface Evidence {
	readonly covered: number;
	readonly known: number;
	readonly similarity: number;
	/** How much better than in a usual home the best is by chance. */
	readonly crowding: number;
	/** Whether what the best has of the question is so common that chance explains it. */
	readonly isByChance: boolean;
}

function evidenceOf(words: readonly QuestionWord[], candidates: readonly Candidate[], documentCount: number): Evidence {
	const rarities = raritiesOf(words, documentCount, Math.max(1, UNKNOWN_SHARE * documentCount));
	const all = sum(rarities) || 1;
	// Ranking, where it makes no difference, counts words that nobody has for less.
	const inRanking = sum(raritiesOf(words, documentCount));
	const best = greatest(candidates, ({ lexical = 0, context }) => lexical + context);
	// Rarities are logarithms: added up, they tell which share of the memories has as much by chance.
	const asGood = documentCount * Math.exp(-best * inRanking);
	return {
		covered: (best * inRanking) / all,
		known: sum(rarities.filter((_, at) => (words[at]?.documents ?? 0) > 0)) / all,
		similarity: greatest(candidates, (candidate) => candidate.similarity ?? 0),
		crowding: CROWDING * Math.log(Math.max(FEWEST_DOCUMENTS, documentCount) / USUAL_DOCUMENTS),
		isByChance: best < LEAST_COVERED && asGood > MANY_BY_CHANCE,
	};
}

function sureness(curve: Curve, { covered, known, similarity, crowding }: Evidence): number {
	const { bias } = curve;
	return logistic(bias - crowding + curve.covered * covered + curve.known * known + curve.similarity * similarity);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}

function greatest(candidates: readonly Candidate[], of: (candidate: Candidate) => number): number {
	return candidates.reduce((most, candidate) => Math.max(most, of(candidate)), 0);
}
