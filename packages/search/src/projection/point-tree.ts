/** Points that are not divided further: to compare them all takes no longer. */
const LEAF = 12;

/**
 * Points in few dimensions, to be found by where they lie (a k-d tree: Bentley 1975). Divided by their number and not by
 * the space, so that neither clusters nor a point far off make it slow.
 */
export class PointTree {
	readonly #count: number;
	/** Positions of points. Each range is divided at its middle, along one axis: none before lies behind, and the other way round. */
	readonly #order: Uint32Array;

	/** `points` holds `dimensions` numbers for each. */
	constructor(
		private readonly points: Float32Array,
		private readonly dimensions: number,
	) {
		this.#count = points.length / dimensions;
		this.#order = Uint32Array.from({ length: this.#count }, (_, at) => at);
		this.#divide(0, this.#count, 0);
	}

	/** Positions of the points that are nearest to one, the nearest first, without itself. */
	nearest(at: number, wanted: number): readonly number[] {
		const found = new Nearest(Math.min(wanted, this.#count - 1));
		if (found.wanted > 0) this.#look(at, found, 0, this.#count, 0);
		return found.positions;
	}

	#divide(from: number, to: number, axis: number): void {
		if (to - from <= LEAF) return;
		const middle = (from + to) >> 1;
		this.#partition(from, to - 1, middle, axis);
		const next = (axis + 1) % this.dimensions;
		this.#divide(from, middle, next);
		this.#divide(middle + 1, to, next);
	}

	/** Bring what belongs there to `middle`, and what is less before it (quickselect: Hoare 1961). */
	#partition(first: number, last: number, middle: number, axis: number): void {
		const order = this.#order;
		for (let low = first, high = last; low < high; ) {
			const pivot = this.#coordinate(order[(low + high) >> 1] ?? 0, axis);
			let left = low;
			let right = high;
			while (left <= right) {
				while (this.#coordinate(order[left] ?? 0, axis) < pivot) left++;
				while (this.#coordinate(order[right] ?? 0, axis) > pivot) right--;
				if (left > right) break;
				const moved = order[left] ?? 0;
				order[left++] = order[right] ?? 0;
				order[right--] = moved;
			}
			if (middle <= right) high = right;
			else if (middle >= left) low = left;
			else return;
		}
	}

	#look(at: number, found: Nearest, from: number, to: number, axis: number): void {
		if (to - from <= LEAF) {
			for (let place = from; place < to; place++) this.#compare(at, this.#order[place] ?? 0, found);
			return;
		}
		const middle = (from + to) >> 1;
		const divider = this.#order[middle] ?? 0;
		this.#compare(at, divider, found);
		const next = (axis + 1) % this.dimensions;
		const beyond = this.#coordinate(at, axis) - this.#coordinate(divider, axis);
		if (beyond < 0) this.#look(at, found, from, middle, next);
		else this.#look(at, found, middle + 1, to, next);
		if (beyond * beyond >= found.farthest) return;
		if (beyond < 0) this.#look(at, found, middle + 1, to, next);
		else this.#look(at, found, from, middle, next);
	}

	#compare(at: number, other: number, found: Nearest): void {
		if (other === at) return;
		let square = 0;
		for (let axis = 0; axis < this.dimensions; axis++) {
			const difference = this.#coordinate(at, axis) - this.#coordinate(other, axis);
			square += difference * difference;
		}
		found.add(other, square);
	}

	#coordinate(at: number, axis: number): number {
		return this.points[at * this.dimensions + axis] ?? 0;
	}
}

/** The nearest so far, in order; there are few. */
export class Nearest {
	readonly positions: number[] = [];
	readonly squares: number[] = [];

	constructor(readonly wanted: number) {}

	/** The square of the distance that another one has to come below. */
	get farthest(): number {
		return this.positions.length < this.wanted ? Number.POSITIVE_INFINITY : (this.squares.at(-1) ?? 0);
	}

	add(position: number, square: number): void {
		if (square >= this.farthest) return;
		let place = this.positions.length;
		while (place > 0 && (this.squares[place - 1] ?? 0) > square) place--;
		this.positions.splice(place, 0, position);
		this.squares.splice(place, 0, square);
		if (this.positions.length > this.wanted) {
			this.positions.pop();
			this.squares.pop();
		}
	}
}
