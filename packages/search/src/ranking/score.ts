import type { WordScorer } from "../lexical/word-scorer.ts";
import { logistic, type RankedDocument } from "./signet.ts";

/**
 * How likely each memory is meant, from 0 to 1: that anything is known, that the best memory then is it, and how much less
 * likely one with less evidence is. The order stays as it is. Fitted to which results on public conversations were labelled as
 * answers, and to sentences of them asked for as they stand and with a fifth of their words left out; of what scores from
 * 0.7 to 0.8 there, 74 of 100 are meant, and so on (record 14).
 */

/** For a best memory that has nothing in common with the question but is as good as the next. */
const BIAS = -2.6;
/** For how much the best memory and the question say the same. */
const ALIKE = 5.8;
/** For how far the next is behind, as a share of the best; from so much on it says no more. */
const AHEAD = 5.5;
const MOST_AHEAD = 0.6;
/** How much less likely one with less evidence is: with nine tenths of it two thirds as likely, with half of it a sixteenth. */
const STEEPNESS = 4;

export interface Asked {
	/** How many words the question is about. */
	readonly wordCount: number;
	readonly scorer: WordScorer;
	/** Whether a word says nothing in the language of the question. */
	readonly isEmpty: (word: string) => boolean;
}

/** The score of each document. @param ranked what was found, the best first, before what holds now is put first. */
export function scoresOf(
	ranked: readonly RankedDocument[],
	asked: Asked,
	confidence: number,
): (document: RankedDocument) => number {
	const [best, next] = ranked;
	if (!best || best.evidence <= 0) return () => 0;
	const ahead = Math.min(MOST_AHEAD, 1 - (next?.evidence ?? 0) / best.evidence);
	const bestIsMeant = logistic(BIAS + ALIKE * likeness(best, asked) + AHEAD * ahead);
	return ({ evidence }) => confidence * bestIsMeant * Math.min(1, evidence / best.evidence) ** STEEPNESS;
}

/** Twice what both have over what either has, counted in words that say something (Dice 1945). */
function likeness({ words, wordCount }: RankedDocument, { wordCount: asked, scorer, isEmpty }: Asked): number {
	const said = new Set(
		words
			.trim()
			.split(" ")
			.slice(0, wordCount)
			.filter((word) => !isEmpty(word)),
	);
	const both = Math.min(asked, [...said].filter((word) => scorer.looksFor(word)).length);
	return both === 0 ? 0 : (2 * both) / (asked + said.size);
}
