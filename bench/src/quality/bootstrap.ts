import { mulberry32 } from "@signet/core";

/** How far a mean may be off because there are only so many questions: the middle 95 % of means of resamples (Efron 1979). */

const RESAMPLES = 1_000;
const SEED = 0x9e3779b9;

/** Half the width of the interval. The same numbers give the same answer. */
export function halfWidth(values: readonly number[]): number {
	if (values.length === 0) return 0;
	const random = mulberry32(SEED);
	const means = Array.from({ length: RESAMPLES }, () => {
		let sum = 0;
		for (let n = 0; n < values.length; n++) sum += values[Math.floor(random() * values.length)] ?? 0;
		return sum / values.length;
	}).sort((a, b) => a - b);
	const at = (share: number) => means[Math.floor(share * (RESAMPLES - 1))] ?? 0;
	return (at(0.975) - at(0.025)) / 2;
}
