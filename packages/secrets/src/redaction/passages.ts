import type { Match } from "./fingerprints.ts";

/** A stretch of matches that overlap: it is replaced as a whole. */
export interface Passage {
	readonly start: number;
	readonly end: number;
	/** All values that have a part in it. */
	readonly values: ReadonlySet<number>;
	/** The one that has the longest. */
	readonly longest: number;
}

/**
 * What has to go: all that any match covers. Where values overlap, or one is the beginning of another, nothing of either
 * is left; two that stand side by side stay two. Matches come by their beginning.
 */
export function passagesOf(matches: readonly Match[]): Passage[] {
	const passages: GrowingPassage[] = [];
	for (const match of matches) {
		const last = passages.at(-1);
		if (last?.isJoinedBy(match)) last.add(match);
		else passages.push(new GrowingPassage(match));
	}
	return passages;
}

/** A passage to which matches are added as they come. */
export class GrowingPassage implements Passage {
	readonly start: number;
	readonly values: Set<number>;
	end: number;
	longest: number;
	#longestBytes: number;

	constructor(first: Match) {
		this.start = first.start;
		this.end = first.end;
		this.values = new Set([first.value]);
		this.longest = first.value;
		this.#longestBytes = first.end - first.start;
	}

	/** Whether a match belongs to it: it begins within it, or is the next piece of the same value. */
	isJoinedBy({ start, value, isContinued }: Match): boolean {
		return start < this.end || (start === this.end && isContinued && this.values.has(value));
	}

	add({ start, end, value }: Match): void {
		this.end = Math.max(this.end, end);
		this.values.add(value);
		if (end - start <= this.#longestBytes) return;
		this.longest = value;
		this.#longestBytes = end - start;
	}
}
