/** A vector in one byte a number, scaled to use all of it: the direction is what counts. */
export function quantise(vector: Float32Array): Int8Array {
	let largest = 0;
	for (const x of vector) largest = Math.max(largest, Math.abs(x));
	const scale = largest > 0 ? 127 / largest : 0;
	return Int8Array.from(vector, (x) => Math.round(x * scale));
}
