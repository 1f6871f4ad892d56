/** Documents that each get the same value. */
export interface ValuedDocuments {
	readonly docs: readonly number[];
	/** Above 0. */
	readonly value: number;
}

const GROWTH = 1.25;

/** A sum for each document, by its number; all 0 between calls. Kept, because making it takes longer than using it. */
let sums = new Float32Array(4096);

/** The `limit` documents with the greatest sums of what they get from all lists, the best first; of equals the newest. */
export function bestBySum(lists: readonly ValuedDocuments[], limit: number): number[] {
	const docs = addUp(lists);
	const least = docs.length > limit ? (Float32Array.from(docs, sumOf).sort().at(-limit) ?? 0) : 0;
	const best = docs
		.filter((doc) => sumOf(doc) >= least)
		.sort((a, b) => sumOf(b) - sumOf(a) || b - a)
		.slice(0, limit);
	for (const doc of docs) sums[doc] = 0;
	return best;
}

/** Fills `sums`; gives the documents that are in any list. */
function addUp(lists: readonly ValuedDocuments[]): number[] {
	const found: number[] = [];
	for (const { docs, value } of lists) {
		for (const doc of docs) {
			if (doc >= sums.length) grow(doc + 1);
			if (sumOf(doc) === 0) found.push(doc);
			sums[doc] = sumOf(doc) + value;
		}
	}
	return found;
}

function sumOf(doc: number): number {
	return sums[doc] ?? 0;
}

function grow(length: number): void {
	const grown = new Float32Array(Math.max(length, Math.ceil(sums.length * GROWTH)));
	grown.set(sums);
	sums = grown;
}
