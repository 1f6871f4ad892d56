import type { SparseMatrix } from "./sparse.ts";

/**
 * The best short vectors for the rows of a matrix: its left singular vectors, each scaled by a power of its singular
 * value. By randomised subspace iteration (Halko, Martinsson and Tropp 2011), whose only large steps are products of the
 * sparse matrix with a narrow one.
 */

const SPARE_WIDTH = 16;
const ITERATIONS = 2;
/** 1 would let the few strongest directions rule, 0 make all alike. */
const POWER = 0.25;
const SEED = 12_345;

/** One row of `dimensions` numbers for each row of the matrix. The same matrix gives the same on the same machine. */
export function factorise(matrix: SparseMatrix, dimensions: number): Float32Array {
	const width = dimensions + SPARE_WIDTH;
	let basis = matrix.times(noise(matrix.columns * width), width);
	orthonormalise(basis, width);
	for (let iteration = 0; iteration < ITERATIONS; iteration++) {
		basis = matrix.times(matrix.transposedTimes(basis, width), width);
		orthonormalise(basis, width);
	}
	const { values, vectors } = eigen(gram(matrix.transposedTimes(basis, width), width), width);
	const rows = new Float32Array(matrix.rows * dimensions);
	for (let direction = 0; direction < dimensions; direction++) {
		const vector = vectors[direction] ?? new Float64Array(width);
		const scale = Math.max(0, values[direction] ?? 0) ** (POWER / 2);
		for (let row = 0; row < matrix.rows; row++) {
			let sum = 0;
			for (let at = 0; at < width; at++) sum += (basis[row * width + at] ?? 0) * (vector[at] ?? 0);
			rows[row * dimensions + direction] = sum * scale;
		}
	}
	return rows;
}

/** About normally distributed. */
function noise(length: number): Float32Array {
	let state = SEED;
	const next = () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32 - 0.5;
	};
	return Float32Array.from({ length }, () => next() + next() + next());
}

/** All products of two columns: `width` by `width`. */
function gram(matrix: Float32Array, width: number): Float64Array {
	const products = new Float64Array(width * width);
	for (let start = 0; start < matrix.length; start += width) {
		for (let a = 0; a < width; a++) {
			const x = matrix[start + a] ?? 0;
			for (let b = a; b < width; b++) {
				products[a * width + b] = (products[a * width + b] ?? 0) + x * (matrix[start + b] ?? 0);
			}
		}
	}
	for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) products[a * width + b] = products[b * width + a] ?? 0;
	return products;
}

/** Make the columns orthonormal, in place, by the Cholesky factor of their products. */
function orthonormalise(matrix: Float32Array, width: number): void {
	const factor = cholesky(gram(matrix, width), width);
	for (let start = 0; start < matrix.length; start += width) {
		for (let a = 0; a < width; a++) {
			let value = matrix[start + a] ?? 0;
			for (let b = 0; b < a; b++) value -= (matrix[start + b] ?? 0) * (factor[a * width + b] ?? 0);
			matrix[start + a] = value / (factor[a * width + a] ?? 1);
		}
	}
}

function cholesky(matrix: Float64Array, width: number): Float64Array {
	const factor = new Float64Array(width * width);
	for (let a = 0; a < width; a++) {
		for (let b = 0; b <= a; b++) {
			let sum = matrix[a * width + b] ?? 0;
			for (let c = 0; c < b; c++) sum -= (factor[a * width + c] ?? 0) * (factor[b * width + c] ?? 0);
			factor[a * width + b] = a === b ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (factor[b * width + b] ?? 1);
		}
	}
	return factor;
}

const MOST_SWEEPS = 12;

/** Eigenvalues of a symmetric matrix, the largest first, with their vectors, by Jacobi's rotations. */
function eigen(matrix: Float64Array, width: number): { values: number[]; vectors: Float64Array[] } {
	const vectors = Array.from({ length: width }, (_, at) =>
		Float64Array.from({ length: width }, (_, b) => Number(at === b)),
	);
	for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(matrix, width); sweep++) {
		for (let p = 0; p < width; p++) for (let q = p + 1; q < width; q++) rotateAway(matrix, vectors, width, p, q);
	}
	const value = (at: number) => matrix[at * width + at] ?? 0;
	const order = [...vectors.keys()].sort((a, b) => value(b) - value(a));
	return { values: order.map(value), vectors: order.map((at) => vectors[at] ?? new Float64Array(width)) };
}

function isDiagonal(matrix: Float64Array, width: number): boolean {
	let on = 0;
	let off = 0;
	for (const [at, value] of matrix.entries()) {
		if (at % (width + 1) === 0) on += value * value;
		else off += value * value;
	}
	return off < 1e-14 * on;
}

/** Turn rows and columns p and q so that their product is zero. */
function rotateAway(matrix: Float64Array, vectors: readonly Float64Array[], width: number, p: number, q: number): void {
	const product = matrix[p * width + q] ?? 0;
	if (product === 0) return;
	const slope = ((matrix[q * width + q] ?? 0) - (matrix[p * width + p] ?? 0)) / (2 * product);
	const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(slope * slope + 1));
	const cosine = 1 / Math.sqrt(tangent * tangent + 1);
	const sine = tangent * cosine;
	for (let at = 0; at < width; at++) {
		turn(matrix, at * width + p, matrix, at * width + q, cosine, sine);
	}
	const [first, second] = [vectors[p], vectors[q]];
	for (let at = 0; at < width; at++) {
		turn(matrix, p * width + at, matrix, q * width + at, cosine, sine);
		if (first && second) turn(first, at, second, at, cosine, sine);
	}
}

function turn(a: Float64Array, atA: number, b: Float64Array, atB: number, cosine: number, sine: number): void {
	const x = a[atA] ?? 0;
	const y = b[atB] ?? 0;
	a[atA] = cosine * x - sine * y;
	b[atB] = sine * x + cosine * y;
}
