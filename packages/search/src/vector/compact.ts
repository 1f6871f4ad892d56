/**
 * Vectors of one signed byte a number, as they are stored for comparison: scaled so that the largest number uses all of
 * it, since only the direction counts.
 */

/** The vector in bytes, two's complement. */
export function compact(vector: Float32Array): Uint8Array {
	let largest = 0;
	for (const x of vector) largest = Math.max(largest, Math.abs(x));
	const scale = largest > 0 ? 127 / largest : 0;
	return Uint8Array.from(vector, (x) => Math.round(x * scale));
}

/** The cosine of the angle between a vector and one in bytes of the same length, from -1 to 1; 0 without a direction. */
export function compactSimilarity(query: Float32Array, bytes: Uint8Array): number {
	let dot = 0;
	let squareA = 0;
	let squareB = 0;
	for (let at = 0; at < query.length; at++) {
		const x = query[at] ?? 0;
		const y = ((bytes[at] ?? 0) << 24) >> 24;
		dot += x * y;
		squareA += x * x;
		squareB += y * y;
	}
	const cosine = dot / Math.sqrt(squareA * squareB);
	return Number.isFinite(cosine) ? cosine : 0;
}

/** Where some vectors in bytes point on average, each counting alike; undefined when there is no such direction. */
export function meanDirection(vectors: readonly Uint8Array[], dimensions: number): Float32Array | undefined {
	const mean = new Float32Array(dimensions);
	for (const bytes of vectors) {
		const numbers = Int8Array.from(bytes);
		const length = Math.sqrt(numbers.reduce((square, number) => square + number * number, 0));
		if (length === 0) continue;
		for (let at = 0; at < dimensions; at++) mean[at] = (mean[at] ?? 0) + (numbers[at] ?? 0) / length;
	}
	return mean.some((number) => number !== 0) ? mean : undefined;
}
