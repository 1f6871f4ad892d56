import type { Conversations } from "../conversation/conversations.ts";
import { Mark } from "../conversation/marks.ts";
import type { RankedDocument } from "./signet.ts";

/**
 * Rules and preferences that the work touches are to be told, even where nothing is known about the question itself: who asks
 * for a commit message does not ask what is known about commit messages.
 */

/**
 * Of the fit of rules to questions, what half of those that are meant have, and one of a hundred of those that are not (set by
 * measurement).
 */
const LEAST_TOUCH = 0.25;
/** What a similarity of 1 says, beside having all words: as for rules. */
const SIMILARITY = 0.3;
/** As many as come back with an answer that is sure. */
const MAX_TOUCHED = 2;

/** The rules and preferences, not an assistant's, that a question touches: each once, the best first. */
export function touched(
	documents: readonly RankedDocument[],
	conversations: Pick<Conversations, "marks" | "laterFirst">,
): RankedDocument[] {
	const touching = documents.filter(
		({ doc, lexical = 0, similarity = 0 }) =>
			isStanding(conversations.marks(doc)) && lexical + SIMILARITY * Math.max(0, similarity) >= LEAST_TOUCH,
	);
	return [...new Map(touching.map((document) => [document.memoryId, { ...document, isRule: true as const }])).values()]
		.sort((a, b) => b.evidence - a.evidence || conversations.laterFirst(a.doc, b.doc))
		.slice(0, MAX_TOUCHED);
}

function isStanding(marks: number): boolean {
	return (marks & (Mark.RULE | Mark.PREFERENCE)) !== 0 && (marks & Mark.ASSISTANT) === 0;
}

/** What was found, with what is to be told although the answer is sure of nothing else before the rest. */
export function standingFirst(
	ranked: readonly RankedDocument[],
	standing: readonly RankedDocument[],
): RankedDocument[] {
	const ids = new Set(standing.map(({ memoryId }) => memoryId));
	return [...standing, ...ranked.filter(({ memoryId }) => !ids.has(memoryId))];
}
