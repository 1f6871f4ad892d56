import type { Conversations } from "../conversation/conversations.ts";
import { Mark, spokenText } from "../conversation/marks.ts";
import type { WordScorer } from "../lexical/word-scorer.ts";
import type { RankedDocument } from "./signet.ts";

/**
 * What was said of the same thing later holds: where two memories have the same of the question in them and tell different
 * numbers, the later one goes first. Set by measurement on public conversations.
 */

/** The best that may be superseded, and those that may supersede them. */
const MAX_SUPERSEDED = 3;
const MAX_LOOKED_AT = 10;
/** How much evidence the later one needs, beside the earlier: less, when it says that something has changed. */
const LEAST_BESIDE = 0.7;
const LEAST_BESIDE_WITH_CHANGE = 0.5;
/** How much of what the earlier has of the question the later has to have too. */
const LEAST_SHARED = 0.3;
/** What is looked at for numbers. In UTF-16 code units. */
const MAX_CHARS = 600;
const NUMBER = /\d[\d,.:/]*\d|\d/g;

/** When something was said, and what. */
export interface Statement {
	/** Milliseconds since 1970. */
	readonly createdMs: number;
	/** Where it stands in its session, if it is of one. */
	readonly session: number | null;
	readonly place: number;
	/** Its place in the order in which memories were stored. */
	readonly stored: number;
	readonly text: string;
}

/** The documents with those that hold now before those that they supersede, which are told by what. */
export function freshFirst(
	ranked: readonly RankedDocument[],
	{
		scorer,
		conversations,
		statementOf,
	}: {
		scorer: WordScorer;
		conversations: Conversations;
		statementOf: (document: RankedDocument) => Statement | undefined;
	},
): RankedDocument[] {
	const head = ranked.slice(0, MAX_LOOKED_AT);
	const isByAssistant = ({ doc }: RankedDocument) => (conversations.marks(doc) & Mark.ASSISTANT) !== 0;
	const supersedes = (later: RankedDocument, earlier: RankedDocument): boolean => {
		if (isByAssistant(later)) return false;
		const hasChange = (conversations.marks(later.doc) & Mark.CHANGE) !== 0;
		if (later.evidence < (hasChange ? LEAST_BESIDE_WITH_CHANGE : LEAST_BESIDE) * earlier.evidence) return false;
		const [was, is] = [statementOf(earlier), statementOf(later)];
		if (!was || !is || !isLater(is, was)) return false;
		return scorer.shared(earlier, later) >= LEAST_SHARED && tellsOtherNumbers(was.text, is.text);
	};
	for (let at = 0; at < Math.min(head.length, MAX_SUPERSEDED); at++) {
		const earlier = head[at];
		if (!earlier || isByAssistant(earlier)) continue;
		const place = head.findIndex((later, other) => other > at && supersedes(later, earlier));
		const [later] = place < 0 ? [] : head.splice(place, 1);
		if (!later) continue;
		const { evidence } = earlier;
		head.splice(at, 1, { ...later, evidence }, { ...earlier, supersededBy: later.memoryId });
		at++;
	}
	return [...head, ...ranked.slice(MAX_LOOKED_AT)];
}

/** By their places within a session, by their times otherwise; of the same moment by the order in which they came. */
function isLater(one: Statement, other: Statement): boolean {
	const isSameSession = one.session !== null && one.session === other.session;
	const apart = isSameSession ? one.place - other.place : one.createdMs - other.createdMs;
	return apart > 0 || (apart === 0 && one.stored > other.stored);
}

/** Whether both tell numbers, and the second some that the first does not. */
function tellsOtherNumbers(first: string, second: string): boolean {
	const known = numbersOf(first);
	return known.size > 0 && [...numbersOf(second)].some((number) => !known.has(number));
}

function numbersOf(text: string): Set<string> {
	return new Set(spokenText(text).slice(0, MAX_CHARS).match(NUMBER) ?? []);
}
