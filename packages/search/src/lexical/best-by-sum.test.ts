import { expect, test } from "bun:test";
import fc from "fast-check";
import { bestBySum } from "./best-by-sum.ts";

test("agrees with adding up and sorting everything, call after call", () => {
	const docs = fc.uniqueArray(fc.integer({ min: 1, max: 9000 }), { maxLength: 40 });
	const lists = fc.array(fc.record({ docs, value: fc.integer({ min: 1, max: 4 }) }), { maxLength: 5 });
	fc.assert(
		fc.property(lists, fc.integer({ min: 1, max: 60 }), (given, limit) => {
			const sums = new Map<number, number>();
			for (const { docs, value } of given) for (const doc of docs) sums.set(doc, (sums.get(doc) ?? 0) + value);
			const expected = [...sums].sort(([a, x], [b, y]) => y - x || b - a).map(([doc]) => doc);
			expect(bestBySum(given, limit)).toEqual(expected.slice(0, limit));
		}),
	);
});
