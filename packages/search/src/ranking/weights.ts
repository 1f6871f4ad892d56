import type { Conversations } from "../conversation/conversations.ts";
import { speakerHash } from "../conversation/document-context.ts";
import { Mark } from "../conversation/marks.ts";
import type { Question } from "../lexical/question.ts";

/**
 * What the same words count for, by who said them and what kind of thing they say. Set by measurement on public
 * conversations (`npm run bench:quality`); each is a statement about conversations.
 */

/** Who is named in a question is who said the answer. */
const NAMED = 2;
/** People ask for what they said themselves, unless they ask for what an assistant said. */
export const ASSISTANT_SAID = 0.4;
/** What somebody prefers matters to much that it does not name. */
const PREFERENCE = 1.4;
/** Who asks for a time wants a sentence that tells one. */
const TIME = 1.4;

/** What a document's evidence is multiplied by. */
export type Weight = (doc: number) => number;

export function weightFor(question: Question, conversations: Conversations): Weight {
	const named = new Set(question.names.map(speakerHash));
	return (doc) => {
		const marks = conversations.marks(doc);
		let weight = named.has(conversations.speaker(doc)) ? NAMED : 1;
		if ((marks & Mark.ASSISTANT) !== 0) return question.asksAssistant ? weight : weight * ASSISTANT_SAID;
		if ((marks & Mark.PREFERENCE) !== 0) weight *= PREFERENCE;
		if (question.asksWhen && (marks & Mark.TIME) !== 0) weight *= TIME;
		return weight;
	};
}
