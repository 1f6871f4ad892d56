/**
 * Our ranking. What a memory says and how similar its vector is are two pieces of evidence on a scale from 0 to 1; what is
 * said around it adds to them; who said it, what kind of thing it is and how good its session is multiply them. The score
 * that is shown is how likely such memories have turned out to be meant.
 */

export interface Candidate {
	readonly doc: number;
	readonly memoryId: string;
	/** Where the text of a chunk stands in its memory. */
	readonly span: { readonly start: number; readonly end: number } | undefined;
	/** Its words, each with a blank before and behind it, and how many of them are its text's. */
	readonly words: string;
	readonly wordCount: number;
	/** Share of the question's words, from 0 to 1; undefined when it has none of them. */
	readonly lexical: number | undefined;
	/** What words around it add, as such a share. */
	readonly context: number;
	/** Cosine, from -1 to 1; undefined when there is no vector to compare. */
	readonly similarity: number | undefined;
	/** What its evidence counts by who said it and what kind of thing it says. */
	readonly weight: number;
}

/** What a document counts by its session, from 0.5 to 1, given what it counts without. */
export type SessionFactor = (doc: number, evidence: number) => number;

export interface RankedDocument extends Candidate {
	/** What it counts by its session, from 0.5 to 1. */
	readonly session: number;
	/** From 0 up, without a limit: the order. */
	readonly evidence: number;
	/** The memory that says what has taken the place of what this one says. */
	readonly supersededBy?: string;
	/** It says what has taken the place of what another one says, whose evidence it has. */
	readonly isFresher?: true;
	/** It is a rule, here because the work may touch it. */
	readonly isRule?: true;
}

/** What says less by itself and around it is as good as not found. */
const LEAST = 0.05;

export interface Weighing {
	/** What a similarity of 1 counts as evidence, from 0 to 1. */
	readonly vectorWeight: number;
	readonly sessionFactor: SessionFactor;
	/** Below 0 when the first document is to be before the second where their evidence is the same. */
	readonly laterFirst: (doc: number, other: number) => number;
}

/** Documents of both legs by their evidence, best first, each memory once with its best document. */
export function rankDocuments(documents: Iterable<Candidate>, weighing: Weighing): RankedDocument[] {
	const best = new Map<string, RankedDocument>();
	for (const document of documents) {
		if (foundOf(document, weighing.vectorWeight) < LEAST) continue;
		const weighed = weigh(document, weighing);
		const known = best.get(document.memoryId);
		if (!known || weighed.evidence > known.evidence) best.set(document.memoryId, weighed);
	}
	return [...best.values()].sort((a, b) => b.evidence - a.evidence || weighing.laterFirst(a.doc, b.doc));
}

/** A document with its evidence, however little that is. */
export function weigh(document: Candidate, { vectorWeight, sessionFactor }: Weighing): RankedDocument {
	const weighed = foundOf(document, vectorWeight) * document.weight;
	const session = sessionFactor(document.doc, weighed);
	return { ...document, session, evidence: weighed * session };
}

function foundOf({ lexical = 0, similarity = 0, context }: Candidate, vectorWeight: number): number {
	return either(lexical, vectorWeight * Math.max(0, similarity)) + context;
}

/** Two pieces of evidence, either of which may be enough: the chance that not both are wrong. */
function either(byWords: number, byVector: number): number {
	return byWords + byVector * (1 - byWords);
}

/** From 0 to 1, 0.5 for 0. */
export function logistic(x: number): number {
	return 1 / (1 + Math.exp(-x));
}
