const NEIGHBOURS = 4;
/** Points in a cell of the grid, about. */
const POINTS_A_CELL = 4;

/**
 * Each point with the four nearest to it, as pairs of positions, the lower first and none twice. `points` holds
 * `dimensions` (2 or 3) numbers for each. By a grid, so that the time grows with the number of points and not its square.
 */
export function nearestPairs(points: Float32Array, dimensions: number): Uint32Array {
	const count = points.length / dimensions;
	const grid = new Grid(points, dimensions, count);
	const pairs = new Set<number>();
	for (let at = 0; at < count; at++) {
		for (const other of grid.nearest(at)) pairs.add(Math.min(at, other) * count + Math.max(at, other));
	}
	const edges = new Uint32Array(2 * pairs.size);
	let place = 0;
	for (const pair of pairs) {
		edges[place++] = Math.floor(pair / count);
		edges[place++] = pair % count;
	}
	return edges;
}

class Grid {
	readonly #cells = new Map<string, number[]>();
	readonly #size: number;
	readonly #sides: number;

	constructor(
		private readonly points: Float32Array,
		private readonly dimensions: number,
		private readonly count: number,
	) {
		this.#sides = Math.max(1, Math.floor((count / POINTS_A_CELL) ** (1 / dimensions)));
		let reach = 0;
		for (const x of points) reach = Math.max(reach, Math.abs(x));
		this.#size = (2 * reach) / this.#sides || 1;
		for (let at = 0; at < count; at++) {
			const key = this.#cellOf(at).join();
			const cell = this.#cells.get(key);
			if (cell) cell.push(at);
			else this.#cells.set(key, [at]);
		}
	}

	/** Positions of the points that are nearest to one, ring by ring until no nearer one can be. */
	nearest(at: number): number[] {
		const wanted = Math.min(NEIGHBOURS, this.count - 1);
		const centre = this.#cellOf(at);
		let found: { other: number; distance: number }[] = [];
		for (let ring = 0; ring <= 2 * this.#sides; ring++) {
			const isEnough = found.length === wanted && (found.at(-1)?.distance ?? 0) <= ((ring - 1) * this.#size) ** 2;
			if (isEnough && ring > 0) break;
			for (const cell of this.#ring(centre, ring)) {
				for (const other of this.#cells.get(cell) ?? []) {
					if (other !== at) found.push({ other, distance: this.#distance(at, other) });
				}
			}
			found = found.sort((a, b) => a.distance - b.distance || a.other - b.other).slice(0, wanted);
		}
		return found.map(({ other }) => other);
	}

	#cellOf(at: number): number[] {
		return Array.from({ length: this.dimensions }, (_, axis) =>
			Math.floor((this.points[at * this.dimensions + axis] ?? 0) / this.#size),
		);
	}

	/** Keys of the cells that are `ring` away along some axis, and no farther along any. */
	*#ring(centre: readonly number[], ring: number): Iterable<string> {
		const steps = (axis: number): number[] =>
			Array.from({ length: 2 * ring + 1 }, (_, step) => (centre[axis] ?? 0) - ring + step);
		const isOutermost = (cell: readonly number[]) =>
			cell.some((place, axis) => Math.abs(place - (centre[axis] ?? 0)) === ring);
		for (const x of steps(0)) {
			for (const y of steps(1)) {
				if (this.dimensions === 2) {
					if (isOutermost([x, y])) yield [x, y].join();
					continue;
				}
				for (const z of steps(2)) if (isOutermost([x, y, z])) yield [x, y, z].join();
			}
		}
	}

	#distance(a: number, b: number): number {
		let sum = 0;
		for (let axis = 0; axis < this.dimensions; axis++) {
			const difference =
				(this.points[a * this.dimensions + axis] ?? 0) - (this.points[b * this.dimensions + axis] ?? 0);
			sum += difference * difference;
		}
		return sum;
	}
}
