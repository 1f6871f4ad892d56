/**
 * Our ranking. A memory's score is how sure its words and its vector make us that it is meant: each is measured on a
 * scale of its own from 0 to 1, so that scores mean the same from one question to the next, and what both legs found is
 * above what either found alone.
 */

export interface Candidate {
	readonly doc: number;
	readonly memoryId: string;
	/** Where the text of a chunk stands in its memory. */
	readonly span: { readonly start: number; readonly end: number } | undefined;
	/** Share of the question's words, from 0 to 1; undefined when it has none of them. */
	readonly lexical: number | undefined;
	/** Cosine, from -1 to 1; undefined when there is no vector to compare. */
	readonly similarity: number | undefined;
}

export interface RankedDocument extends Candidate {
	/** From 0 to 1. */
	readonly score: number;
}

/** What scores less is as good as not found. */
const LEAST_SCORE = 0.05;

/** Documents of both legs by their score, best first, each memory once with its best document. */
export function rankDocuments(
	documents: Iterable<Candidate>,
	/** What a similarity of 1 counts as evidence, from 0 to 1. */
	vectorWeight: number,
): RankedDocument[] {
	const best = new Map<string, RankedDocument>();
	for (const document of documents) {
		const score = scoreOf(document.lexical ?? 0, vectorWeight * Math.max(0, document.similarity ?? 0));
		const known = best.get(document.memoryId);
		if (score >= LEAST_SCORE && (!known || score > known.score)) best.set(document.memoryId, { ...document, score });
	}
	return [...best.values()].sort((a, b) => b.score - a.score || b.doc - a.doc);
}

/** Two pieces of evidence, either of which may be enough: the chance that not both are wrong. */
function scoreOf(byWords: number, byVector: number): number {
	return byWords + byVector * (1 - byWords);
}
