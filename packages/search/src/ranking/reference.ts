/**
 * The ranking of the reference, stage by stage, as pure functions: for migrating from it, for comparing with it, and
 * for the recorded exchanges. What it does is its business; why anybody would want something else stands in
 * `signet.ts`.
 */

export interface ReferenceCandidate {
	readonly id: string;
	readonly score: number;
	readonly source: "hybrid" | "vector" | "keyword";
}

/** Scores of the word leg: divided by the best of them, unless that is below 1. */
export function normaliseKeywordScores(hits: readonly { id: string; score: number }[]): Map<string, number> {
	const divisor = hits.reduce((best, { score }) => Math.max(best, Math.abs(score)), 1);
	return new Map(hits.map(({ id, score }) => [id, Math.abs(score) / divisor]));
}

/**
 * Both legs in one list, best first. What one leg alone found keeps that leg's score; what both found is weighed by
 * `alpha`, the share of the vectors. A memory that is similar enough by itself is not lost because a word agrees too
 * and weighs its score down: that much of the reference was a fault.
 */
export function blend(
	keyword: ReadonlyMap<string, number>,
	vector: ReadonlyMap<string, number>,
	{ alpha, minScore }: { alpha: number; minScore: number },
): ReferenceCandidate[] {
	const ids = new Set([...keyword.keys(), ...vector.keys()]);
	return sortByScore(
		[...ids]
			.map((id) => blendOne(id, keyword.get(id) ?? 0, vector.get(id) ?? 0, alpha))
			.filter(({ id, score }) => Math.max(score, vector.get(id) ?? 0) >= minScore),
	);
}

function blendOne(id: string, keyword: number, similarity: number, alpha: number): ReferenceCandidate {
	if (keyword > 0 && similarity > 0) {
		return { id, score: alpha * similarity + (1 - alpha) * keyword, source: "hybrid" };
	}
	return similarity > 0 ? { id, score: similarity, source: "vector" } : { id, score: keyword, source: "keyword" };
}

export interface Rehearsal {
	readonly accessCount: number;
	/** Milliseconds since the epoch; undefined when it was never accessed. */
	readonly lastAccessedMs: number | undefined;
}

const MS_PER_DAY = 86_400_000;

/** Lift what was asked for often and lately. */
export function boostRehearsed(
	candidates: readonly ReferenceCandidate[],
	rehearsals: ReadonlyMap<string, Rehearsal>,
	{ weight, halfLifeDays, nowMs }: { weight: number; halfLifeDays: number; nowMs: number },
): ReferenceCandidate[] {
	return sortByScore(
		candidates.map((candidate) => {
			const { accessCount = 0, lastAccessedMs } = rehearsals.get(candidate.id) ?? {};
			if (accessCount <= 0) return candidate;
			const days = lastAccessedMs === undefined ? halfLifeDays : (nowMs - lastAccessedMs) / MS_PER_DAY;
			return {
				...candidate,
				score: candidate.score * (1 + weight * Math.log(accessCount + 1) * 0.5 ** (days / halfLifeDays)),
			};
		}),
	);
}

/** Move what the graph connects with the question towards 1. */
export function boostLinked(
	candidates: readonly ReferenceCandidate[],
	linked: ReadonlySet<string>,
	weight: number,
): ReferenceCandidate[] {
	return sortByScore(
		candidates.map((candidate) =>
			linked.has(candidate.id) ? { ...candidate, score: (1 - weight) * candidate.score + weight } : candidate,
		),
	);
}

/** How much the cosine counts against the score so far when the head of the list is ordered again. */
const RERANK_COSINE_SHARE = 0.3;

/**
 * Order the first `topN` again by their exact similarity to the question (without one, leave their order) and give each
 * of them its place as a score: 1, 1 - 1/n, ... The tail keeps its scores, so some of it may overtake the head.
 */
export function rerank(
	candidates: readonly ReferenceCandidate[],
	cosines: ReadonlyMap<string, number> | undefined,
	topN: number,
): ReferenceCandidate[] {
	const head = candidates.slice(0, topN);
	const ordered = cosines
		? sortByScore(
				head.map((candidate) => {
					const cosine = cosines.get(candidate.id);
					if (cosine === undefined) return candidate;
					return { ...candidate, score: (1 - RERANK_COSINE_SHARE) * candidate.score + RERANK_COSINE_SHARE * cosine };
				}),
			)
		: head;
	const placed = ordered.map((candidate, place) => ({ ...candidate, score: 1 - place / ordered.length }));
	return sortByScore([...placed, ...candidates.slice(topN)]);
}

/** Stable: equals keep their order. */
function sortByScore(candidates: ReferenceCandidate[]): ReferenceCandidate[] {
	return candidates.sort((a, b) => b.score - a.score);
}
