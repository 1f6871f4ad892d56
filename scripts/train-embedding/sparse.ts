/** Tables of numbers most of which are zero. */

/** Columns are numbered below this. */
const COLUMNS = 2 ** 17;
const EMPTY = -1;

/** Sums by row and column, while they are being counted. */
export class Counts {
	#slots = 2 ** 22;
	#keys = new Float64Array(this.#slots).fill(EMPTY);
	#sums = new Float64Array(this.#slots);
	#size = 0;

	add(row: number, column: number, amount: number): void {
		if (2 * this.#size > this.#slots) this.#grow();
		const slot = this.#slotOf(row, column);
		if (this.#keys[slot] === EMPTY) {
			this.#keys[slot] = row * COLUMNS + column;
			this.#size++;
		}
		this.#sums[slot] = (this.#sums[slot] ?? 0) + amount;
	}

	/** Those above a limit. The order is the same for the same additions. */
	*entries(above = 0): Iterable<{ readonly row: number; readonly column: number; readonly sum: number }> {
		for (const [slot, key] of this.#keys.entries()) {
			const sum = this.#sums[slot] ?? 0;
			if (key !== EMPTY && sum > above) yield { row: Math.floor(key / COLUMNS), column: key % COLUMNS, sum };
		}
	}

	#slotOf(row: number, column: number): number {
		const key = row * COLUMNS + column;
		let hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b);
		hash ^= hash >>> 15;
		let slot = hash & (this.#slots - 1);
		while (this.#keys[slot] !== EMPTY && this.#keys[slot] !== key) slot = (slot + 1) & (this.#slots - 1);
		return slot;
	}

	#grow(): void {
		const before = [...this.entries(Number.NEGATIVE_INFINITY)];
		this.#slots *= 2;
		this.#keys = new Float64Array(this.#slots).fill(EMPTY);
		this.#sums = new Float64Array(this.#slots);
		this.#size = 0;
		for (const { row, column, sum } of before) this.add(row, column, sum);
	}
}

/** By rows, one after the other: row r has the entries from `starts[r]` up to `starts[r + 1]`. */
export class SparseMatrix {
	private constructor(
		readonly rows: number,
		readonly columns: number,
		readonly starts: Uint32Array,
		readonly columnOf: Uint32Array,
		readonly values: Float32Array,
	) {}

	/** Side by side, from left to right. */
	static beside(rows: number, blocks: readonly Block[]): SparseMatrix {
		const starts = new Uint32Array(rows + 1);
		for (const { rowOf } of blocks) for (const row of rowOf) starts[row + 1] = (starts[row + 1] ?? 0) + 1;
		for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0);
		const next = starts.slice();
		const columnOf = new Uint32Array(starts[rows] ?? 0);
		const values = new Float32Array(starts[rows] ?? 0);
		let left = 0;
		for (const block of blocks) {
			for (const [entry, row] of block.rowOf.entries()) {
				const place = next[row] ?? 0;
				next[row] = place + 1;
				columnOf[place] = left + (block.columnOf[entry] ?? 0);
				values[place] = block.values[entry] ?? 0;
			}
			left += block.columns;
		}
		return new SparseMatrix(rows, left, starts, columnOf, values);
	}

	/** Multiply each row by what is given for its length. */
	scaleRows(by: (length: number, row: number) => number): void {
		for (let row = 0; row < this.rows; row++) {
			const values = this.values.subarray(this.starts[row], this.starts[row + 1]);
			const length = Math.sqrt(values.reduce((square, value) => square + value * value, 0));
			if (length === 0) continue;
			const factor = by(length, row);
			for (const [at, value] of values.entries()) values[at] = value * factor;
		}
	}

	/** The product with a dense matrix of `width` numbers a row. */
	times(dense: Float32Array, width: number): Float32Array {
		const product = new Float32Array(this.rows * width);
		this.#each((row, column, value) => addScaled(product, row * width, dense, column * width, value, width));
		return product;
	}

	/** The product of the transposed matrix with a dense one of `width` numbers a row. */
	transposedTimes(dense: Float32Array, width: number): Float32Array {
		const product = new Float32Array(this.columns * width);
		this.#each((row, column, value) => addScaled(product, column * width, dense, row * width, value, width));
		return product;
	}

	#each(visit: (row: number, column: number, value: number) => void): void {
		for (let row = 0; row < this.rows; row++) {
			const end = this.starts[row + 1] ?? 0;
			for (let entry = this.starts[row] ?? 0; entry < end; entry++) {
				visit(row, this.columnOf[entry] ?? 0, this.values[entry] ?? 0);
			}
		}
	}
}

/** A part of a matrix: its entries one by one. */
export interface Block {
	readonly columns: number;
	readonly rowOf: Uint32Array;
	readonly columnOf: Uint32Array;
	readonly values: Float32Array;
}

function addScaled(
	target: Float32Array,
	targetStart: number,
	source: Float32Array,
	sourceStart: number,
	factor: number,
	width: number,
): void {
	for (let at = 0; at < width; at++) {
		target[targetStart + at] = (target[targetStart + at] ?? 0) + factor * (source[sourceStart + at] ?? 0);
	}
}
