/** Rounds of the iteration: by then the first axes of real embeddings move no more. */
const ROUNDS = 6;

/** Where vectors lie in fewer dimensions. */
export interface Reduction {
	/** `count` numbers for a vector: its place along each axis, from the middle of all. */
	reduce(vector: Float32Array): number[];
}

/**
 * The `count` directions along which some vectors differ most (principal components, by subspace iteration: Golub and
 * Van Loan, Matrix Computations, section 8.2.4). `random` gives numbers from 0 to 1.
 */
export function principalAxes(sample: readonly Float32Array[], count: number, random: () => number): Reduction {
	const dimensions = sample[0]?.length ?? 0;
	const mean = new Float64Array(dimensions);
	for (const vector of sample)
		for (let at = 0; at < dimensions; at++) mean[at] = (mean[at] ?? 0) + (vector[at] ?? 0) / sample.length;
	const centred = sample.map((vector) => Float64Array.from(vector, (x, at) => x - (mean[at] ?? 0)));
	let axes = Array.from({ length: Math.min(count, dimensions) }, () =>
		Float64Array.from({ length: dimensions }, () => random() - 0.5),
	);
	orthonormalise(axes);
	for (let round = 0; round < ROUNDS; round++) {
		axes = axes.map((axis) => {
			const next = new Float64Array(dimensions);
			for (const vector of centred) addScaled(next, vector, dot(vector, axis));
			return next;
		});
		orthonormalise(axes);
	}
	return {
		reduce(vector) {
			const moved = Float64Array.from(vector, (x, at) => x - (mean[at] ?? 0));
			return axes.map((axis) => dot(moved, axis));
		},
	};
}

/** Gram and Schmidt's, each direction freed of those before it. */
function orthonormalise(axes: readonly Float64Array[]): void {
	for (const [at, axis] of axes.entries()) {
		for (const before of axes.slice(0, at)) addScaled(axis, before, -dot(axis, before));
		const length = Math.sqrt(dot(axis, axis));
		for (let i = 0; i < axis.length; i++) axis[i] = length > 0 ? (axis[i] ?? 0) / length : 0;
	}
}

function dot(a: Float64Array, b: Float64Array): number {
	let sum = 0;
	for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
	return sum;
}

function addScaled(to: Float64Array, vector: Float64Array, factor: number): void {
	for (let at = 0; at < to.length; at++) to[at] = (to[at] ?? 0) + factor * (vector[at] ?? 0);
}
