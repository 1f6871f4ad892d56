import { mulberry32 } from "@signet/core";

/** Unit vectors in clusters, as embeddings of real texts lie: all share a common direction, and have neighbours. */
export function clusteredVectors(
	count: number,
	{ dimensions, clusters, spread, seed = 1 }: { dimensions: number; clusters: number; spread: number; seed?: number },
): Float32Array[] {
	const normal = normalNumbers(seed);
	const common = Float32Array.from({ length: dimensions }, () => 0.5 * normal());
	const centres = Array.from({ length: clusters }, () => common.map((x) => x + normal()));
	return Array.from({ length: count }, (_, at) => {
		const centre = centres[at % clusters] ?? common;
		return unit(centre.map((x) => x + spread * normal()));
	});
}

/** Normally distributed numbers, the same for the same seed. */
export function normalNumbers(seed: number): () => number {
	const uniform = mulberry32(seed);
	return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function unit(vector: Float32Array): Float32Array {
	const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
	return vector.map((x) => x / length);
}
