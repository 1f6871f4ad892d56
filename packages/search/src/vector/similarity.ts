/**
 * The cosine of the angle between two vectors of the same length, from -1 to 1; 0 when either has no direction (all
 * zeros, or a number that is none).
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
	let dot = 0;
	let squareA = 0;
	let squareB = 0;
	for (let at = 0; at < a.length; at++) {
		const x = a[at] ?? 0;
		const y = b[at] ?? 0;
		dot += x * y;
		squareA += x * x;
		squareB += y * y;
	}
	const cosine = dot / Math.sqrt(squareA * squareB);
	return Number.isFinite(cosine) ? cosine : 0;
}

/** Whether a vector can be compared with others: it has the length, a direction, and only finite numbers. */
export function isUsableVector(vector: ArrayLike<number>, dimensions: number): boolean {
	if (vector.length !== dimensions) return false;
	let square = 0;
	for (let at = 0; at < vector.length; at++) square += (vector[at] ?? 0) ** 2;
	return Number.isFinite(square) && square > 0;
}
