import type { RankedDocument } from "./signet.ts";

/**
 * Rules that somebody gave once (`Always … when I ask about …`) hold for work that hardly names what they are about.
 * The two that fit best are among what is found, however much else has more of the question's words. Set by measurement.
 */

const MAX_RULES = 2;
/** What fits less does not touch the question at all. */
const LEAST_FIT = 0.05;
/** What a similarity of 1 says about the fit, beside having all words. */
const SIMILARITY = 0.3;
/** How many stay before them, and at most which share of those that are wanted. */
const MAX_BEFORE = 7;
const BEFORE_SHARE = 0.7;

export interface RuleFit {
	readonly doc: number;
	/** From 0 to 1. */
	readonly own: number;
	readonly similarity: number;
}

/** The rules that fit a question best; of equals, as `laterFirst` has it. */
export function fittingRules(
	rules: readonly RuleFit[],
	{ laterFirst }: { laterFirst(doc: number, other: number): number },
): number[] {
	return rules
		.map(({ doc, own, similarity }) => ({ doc, fit: own + SIMILARITY * Math.max(0, similarity) }))
		.filter(({ fit }) => fit > LEAST_FIT)
		.sort((a, b) => b.fit - a.fit || laterFirst(a.doc, b.doc))
		.slice(0, MAX_RULES)
		.map(({ doc }) => doc);
}

/** What was found, with rules among the first `limit`. */
export function withRules(
	ranked: readonly RankedDocument[],
	rules: readonly RankedDocument[],
	limit: number,
): RankedDocument[] {
	const place = Math.max(1, Math.min(MAX_BEFORE, Math.floor(limit * BEFORE_SHARE)));
	const before = ranked.slice(0, place);
	const known = new Set(before.map(({ memoryId }) => memoryId));
	const added = rules.filter(({ memoryId }) => !known.has(memoryId));
	const moved = new Set(added.map(({ memoryId }) => memoryId));
	const after = ranked.slice(place).filter(({ memoryId }) => !moved.has(memoryId));
	const most = before.at(-1)?.evidence ?? Number.POSITIVE_INFINITY;
	const least = after[0]?.evidence ?? before.at(-1)?.evidence ?? 0;
	const placed = added
		.map((rule): RankedDocument => {
			return { ...rule, evidence: Math.min(most, Math.max(least, rule.evidence)), isRule: true };
		})
		.sort((a, b) => b.evidence - a.evidence);
	return [...before, ...placed, ...after];
}
