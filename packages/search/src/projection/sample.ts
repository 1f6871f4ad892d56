import { Nearest } from "./point-tree.ts";

/** Numbers of a distance that are added up before it is looked at. */
const BLOCK = 8;

/**
 * Some vectors, to find those of them that are most like any other. They are looked at from the nearest along the first axis
 * on, along which vectors differ most, until that alone is too far.
 */
export class Sample {
	readonly #length: number;
	readonly #count: number;
	/** Positions of the vectors, by their first number. */
	readonly #order: readonly number[];
	/** Their numbers in that order, one after the other. */
	readonly #numbers: Float64Array;

	constructor(vectors: readonly (readonly number[])[]) {
		this.#count = vectors.length;
		this.#length = vectors[0]?.length ?? 0;
		this.#order = [...vectors.keys()].sort((a, b) => (vectors[a]?.[0] ?? 0) - (vectors[b]?.[0] ?? 0));
		this.#numbers = new Float64Array(this.#count * this.#length);
		for (const [place, at] of this.#order.entries()) this.#numbers.set(vectors[at] ?? [], place * this.#length);
	}

	/** The nearest, the nearest first, with the squares of their distances. */
	nearest(vector: readonly number[], wanted: number): { readonly at: number; readonly square: number }[] {
		const found = new Nearest(Math.min(wanted, this.#count));
		const first = vector[0] ?? 0;
		let after = this.#firstFrom(first);
		let before = after - 1;
		while (before >= 0 || after < this.#count) {
			const toBefore = before >= 0 ? first - this.#first(before) : Number.POSITIVE_INFINITY;
			const toAfter = after < this.#count ? this.#first(after) - first : Number.POSITIVE_INFINITY;
			const nearer = Math.min(toBefore, toAfter);
			if (nearer * nearer >= found.farthest) break;
			const place = toBefore < toAfter ? before-- : after++;
			found.add(place, this.#squareTo(vector, place, found.farthest));
		}
		return found.positions.map((place, n) => ({ at: this.#order[place] ?? 0, square: found.squares[n] ?? 0 }));
	}

	#first(place: number): number {
		return this.#numbers[place * this.#length] ?? 0;
	}

	/** The first place whose first number is not less. */
	#firstFrom(first: number): number {
		let low = 0;
		for (let high = this.#count; low < high; ) {
			const middle = (low + high) >> 1;
			if (this.#first(middle) < first) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** The square of a distance, or of a part of it that is `limit` or more already. */
	#squareTo(vector: readonly number[], place: number, limit: number): number {
		const numbers = this.#numbers;
		const begin = place * this.#length;
		let sum = 0;
		for (let at = 0; at < this.#length && sum < limit; ) {
			for (const end = Math.min(this.#length, at + BLOCK); at < end; at++) {
				const difference = (vector[at] ?? 0) - (numbers[begin + at] ?? 0);
				sum += difference * difference;
			}
		}
		return sum;
	}
}
