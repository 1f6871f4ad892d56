import type { Conversations } from "../conversation/conversations.ts";
import { Mark } from "../conversation/marks.ts";
import type { ValuedDocuments } from "../lexical/lexical-leg.ts";
import { nthLargest } from "./nth-largest.ts";
import { ASSISTANT_SAID, type Weight } from "./weights.ts";

/**
 * A turn is understood by the turns around it: what was said just before and after lends it the words that it lacks, and
 * a session that has one good turn more likely has the one that is meant. Set by measurement, as the weights.
 */

/** What of conversations it looks at. */
export type Neighbourhood = Pick<Conversations, "session" | "previous" | "next" | "marks" | "laterFirst">;

/** What a word of the next turn or the one before counts, to a document without it. */
const NEXT = 0.3;
/** What a word of the turn two away counts. */
const NEXT_BUT_ONE = 0.15;
/** What a question's words count for the answer to it, besides. */
const ANSWER = 0.4;
/** How much more a document of the best session counts than one outside of any. */
const SESSION = 1;
/** A session is as good as its two best documents together; a note of its own counts as often. */
const BEST_OF_SESSION = 2;
const GROWTH = 1.25;

export interface LiftedDocument {
	readonly doc: number;
	/** What its own words could give, as a share of what the question's could, from 0 to 1. */
	readonly own: number;
	/** What words around it add to that. */
	readonly context: number;
}

export interface Lifted {
	/** The most promising documents, the best first; of equals what was stored last. */
	readonly best: readonly LiftedDocument[];
	/** What the given others have, in their order. */
	readonly others: readonly LiftedDocument[];
	/** From 0 to 1: how good the session of a document is, beside the best. A note of its own is its own session. */
	session(doc: number, score: number): number;
}

/** For each document, by its number; all 0 between calls. Kept, because making them takes longer than using them. */
let own = new Float32Array(4096);
let context = new Float32Array(4096);
/** What of `context` the word in hand has given already, and which word that is. */
let given = new Float32Array(4096);
let givenBy = new Int32Array(4096);
/** The word in hand, where the document has it itself. */
let hasWord = new Int32Array(4096);
/** The documents that have something of either, and what they score; and room to look for the best scores. */
let found = new Int32Array(4096);
let foundCount = 0;
let scores = new Float32Array(4096);
let unordered = new Float32Array(4096);
/** Words are numbered on and on, so that nothing need be cleared between them. */
let word = 0;
const MAX_WORD = 2 ** 31 - 2;

/** The documents with the most of the question in them and around them. */
export function lift(
	lists: readonly ValuedDocuments[],
	{
		limit,
		others = [],
		conversations,
		weight,
	}: { limit: number; others?: readonly number[]; conversations: Neighbourhood; weight: Weight },
): Lifted {
	addUp(lists, conversations);
	const most = lists.reduce((sum, { value }) => sum + value, 0) || 1;
	for (let at = 0; at < foundCount; at++) {
		const doc = found[at] ?? 0;
		scores[at] = ((sumOf(own, doc) + sumOf(context, doc)) / most) * weight(doc);
	}
	const { sums, greatest } = bestOfSessions(conversations);
	const session = (doc: number, score: number) => {
		if (greatest === 0) return 1;
		const number = conversations.session(doc);
		return Math.min(1, (number === 0 ? score * BEST_OF_SESSION : (sums.get(number) ?? 0)) / greatest);
	};
	for (let at = 0; at < foundCount; at++) {
		const score = scores[at] ?? 0;
		scores[at] = score * sessionFactor(session(found[at] ?? 0, score));
	}
	const shareOf = (doc: number): LiftedDocument => ({
		doc,
		own: sumOf(own, doc) / most,
		context: sumOf(context, doc) / most,
	});
	const best = bestOf(limit, conversations).map(shareOf);
	const asked = others.map(shareOf);
	for (let at = 0; at < foundCount; at++) {
		const doc = found[at] ?? 0;
		own[doc] = 0;
		context[doc] = 0;
	}
	return { best, others: asked, session };
}

/** From 0 to 1: what a document counts by its session, whose share of the best is given. */
export function sessionFactor(share: number): number {
	return (1 + SESSION * share) / (1 + SESSION);
}

/** Fills `own`, `context` and `found`. */
function addUp(lists: readonly ValuedDocuments[], conversations: Neighbourhood): void {
	foundCount = 0;
	for (const { docs, value } of lists) {
		word = word >= MAX_WORD ? 1 : word + 1;
		for (const doc of docs) {
			if (doc >= own.length) grow(doc + 1);
			hasWord[doc] = word;
			if (sumOf(own, doc) === 0 && sumOf(context, doc) === 0) find(doc);
			own[doc] = sumOf(own, doc) + value;
		}
		for (const doc of docs) {
			if (conversations.session(doc) === 0) continue;
			const marks = conversations.marks(doc);
			const said = (marks & Mark.ASSISTANT) !== 0 ? ASSISTANT_SAID * value : value;
			const previous = conversations.previous(doc);
			const next = conversations.next(doc);
			lend(previous, NEXT * said);
			lend(next, ((marks & Mark.QUESTION) !== 0 ? NEXT + ANSWER : NEXT) * said);
			lend(previous && conversations.previous(previous), NEXT_BUT_ONE * said);
			lend(next && conversations.next(next), NEXT_BUT_ONE * said);
		}
	}
}

function find(doc: number): void {
	if (foundCount === found.length) {
		const size = 2 * foundCount;
		found = grown(found, new Int32Array(size));
		scores = grown(scores, new Float32Array(size));
		unordered = grown(unordered, new Float32Array(size));
	}
	found[foundCount++] = doc;
}

/** Lend a document the word in hand, unless it has it itself or from a nearer turn. */
function lend(doc: number, value: number): void {
	if (doc === 0) return;
	if (doc >= own.length) grow(doc + 1);
	if (hasWord[doc] === word) return;
	const before = givenBy[doc] === word ? sumOf(given, doc) : 0;
	if (value <= before) return;
	if (sumOf(own, doc) === 0 && sumOf(context, doc) === 0) find(doc);
	context[doc] = sumOf(context, doc) + value - before;
	given[doc] = value;
	givenBy[doc] = word;
}

/** For each session the sum of its two best scores. */
function bestOfSessions(conversations: Neighbourhood) {
	const best = new Map<number, number>();
	const second = new Map<number, number>();
	for (let at = 0; at < foundCount; at++) {
		const session = conversations.session(found[at] ?? 0);
		if (session === 0) continue;
		const score = scores[at] ?? 0;
		const greatest = best.get(session) ?? 0;
		if (score > greatest) {
			best.set(session, score);
			second.set(session, greatest);
		} else if (score > (second.get(session) ?? 0)) second.set(session, score);
	}
	let greatest = 0;
	for (const [session, score] of best) {
		const sum = score + (second.get(session) ?? 0);
		best.set(session, sum);
		greatest = Math.max(greatest, sum);
	}
	return { sums: best, greatest };
}

/** The documents with the best scores; those that surely are not among them are left out before they are put in order. */
function bestOf(limit: number, conversations: Neighbourhood): number[] {
	unordered.set(scores.subarray(0, foundCount));
	const least = foundCount > limit ? nthLargest(unordered.subarray(0, foundCount), limit) : 0;
	const places: number[] = [];
	for (let at = 0; at < foundCount; at++) if ((scores[at] ?? 0) >= least) places.push(at);
	return places
		.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || conversations.laterFirst(found[a] ?? 0, found[b] ?? 0))
		.slice(0, limit)
		.map((at) => found[at] ?? 0);
}

function sumOf(sums: Float32Array, doc: number): number {
	return sums[doc] ?? 0;
}

function grow(length: number): void {
	const size = Math.max(length, Math.ceil(own.length * GROWTH));
	own = grown(own, new Float32Array(size));
	context = grown(context, new Float32Array(size));
	given = grown(given, new Float32Array(size));
	givenBy = grown(givenBy, new Int32Array(size));
	hasWord = grown(hasWord, new Int32Array(size));
}

function grown<Numbers extends Float32Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
	to.set(from);
	return to;
}
