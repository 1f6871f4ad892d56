/**
 * Vectors of one signed byte a number, as they are stored for comparison: scaled so that the largest number uses all of
 * it, since only the direction counts.
 */

/** The vector in bytes, two's complement. */
export function compact(vector: Float32Array): Uint8Array {
	let largest = 0;
	for (let at = 0; at < vector.length; at++) largest = Math.max(largest, Math.abs(vector[at] ?? 0));
	const scale = largest > 0 ? 127 / largest : 0;
	const bytes = new Uint8Array(vector.length);
	for (let at = 0; at < vector.length; at++) bytes[at] = Math.round((vector[at] ?? 0) * scale);
	return bytes;
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
