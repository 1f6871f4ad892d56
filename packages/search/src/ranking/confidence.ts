import type { QuestionWord } from "../lexical/word-scorer.ts";
import { raritiesOf } from "../lexical/word-scorer.ts";
import { type Candidate, logistic } from "./signet.ts";

/**
 * How sure we are that anything is known about a question. Logistic curves over what does not depend on how many memories
 * there are, nor on how good the best of them is beside the others: fitted to questions of public conversations asked of
 * the memory that has the answer and of others that do not (`npm run bench:quality`).
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

const WORDS: Curve = { bias: -8.1, covered: 10.7, known: 5.9, similarity: 0 };
/** Similarities mean something else with each model: these are for the embedded one. */
const WORDS_AND_SPELLING: Curve = { bias: -9.4, covered: 8.3, known: 4.5, similarity: 9.9 };
const SPELLING: Curve = { bias: -6.5, covered: 0, known: 0, similarity: 20.5 };
/** A guess for models that nobody has measured, on the careful side. */
const MEANING: Curve = { bias: -8, covered: 0, known: 0, similarity: 12 };

/** What is less sure than this should not be told unasked: nine of ten questions that have an answer are above. */
export const ABSTAIN_BELOW = 0.4;

/** Who quotes wants those words: without them there is at most something like it. */
const MOST_WITHOUT_QUOTED = 0.2;

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
	knowing: Knowing,
): number {
	const confidence = confidenceByWords(words, candidates, knowing);
	return knowing.isAllSaid ? confidence : Math.min(confidence, MOST_WITHOUT_QUOTED);
}

function confidenceByWords(
	words: readonly QuestionWord[],
	candidates: readonly Candidate[],
	{ documentCount, vectors }: Knowing,
): number {
	if (candidates.length === 0) return 0;
	const rarities = raritiesOf(words, documentCount);
	let all = 0;
	let known = 0;
	for (const [at, { documents }] of words.entries()) {
		all += rarities[at] ?? 0;
		if (documents > 0) known += rarities[at] ?? 0;
	}
	const covered = greatest(candidates, ({ lexical = 0, context }) => lexical + context);
	const similarity = greatest(candidates, (candidate) => candidate.similarity ?? 0);
	const by = (curve: Curve) =>
		logistic(
			curve.bias + curve.covered * covered + curve.known * (all > 0 ? known / all : 0) + curve.similarity * similarity,
		);
	if (vectors === undefined) return by(WORDS);
	if (vectors === "other") return Math.max(by(WORDS), by(MEANING));
	return by(words.length > 0 ? WORDS_AND_SPELLING : SPELLING);
}

function greatest(candidates: readonly Candidate[], of: (candidate: Candidate) => number): number {
	return candidates.reduce((most, candidate) => Math.max(most, of(candidate)), 0);
}
