/** How well an answer knows whether it knows anything: confidences of questions asked of their own home and of another. */

const COVERAGE = 0.9;

/** The chance that a question is more confidently answered at home than another question elsewhere; half for equals. */
export function areaUnderCurve(athome: readonly number[], elsewhere: readonly number[]): number {
	const sorted = [...elsewhere].sort((a, b) => a - b);
	const sum = athome.reduce((total, value) => total + (below(sorted, value) + below(sorted, value, true)) / 2, 0);
	return sum / (athome.length * elsewhere.length);
}

/** The share of questions asked elsewhere that are answered, where nine of ten asked at home are. */
export function falseInjections(athome: readonly number[], elsewhere: readonly number[]): number {
	const descending = [...athome].sort((a, b) => b - a);
	const least = descending[Math.ceil(COVERAGE * descending.length) - 1] ?? 0;
	return elsewhere.filter((value) => value >= least).length / elsewhere.length;
}

/** How many of sorted numbers are less; or at most as great. */
function below(sorted: readonly number[], value: number, orEqual = false): number {
	const at = sorted.findIndex((other) => (orEqual ? other > value : other >= value));
	return at < 0 ? sorted.length : at;
}
