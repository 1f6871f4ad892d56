import { expect, test } from "bun:test";
import fc from "fast-check";
import { nthLargest } from "./nth-largest.ts";

test("is what stands there when all are in order", () => {
	const numbers = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true })), { minLength: 1 });
	fc.assert(
		fc.property(numbers, fc.integer({ min: 1, max: 120 }), (given, n) => {
			const sorted = Float32Array.from(given).sort();
			expect(nthLargest(Float32Array.from(given), n)).toBe(sorted[Math.max(0, sorted.length - n)] ?? Number.NaN);
		}),
	);
});
