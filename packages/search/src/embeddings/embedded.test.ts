import { expect, test } from "bun:test";
import fc from "fast-check";
import { compact, compactSimilarity } from "../vector/compact.ts";
import { cosineSimilarity } from "../vector/similarity.ts";
import { hashText } from "./embedded.ts";

const similarity = (a: string, b: string) => cosineSimilarity(hashText(a), hashText(b));

test("the same text has the same vector on every machine and in every release of this version", () => {
	const vector = hashText("The billing service stores invoices in Postgres 16");
	expect(Array.from(vector.slice(0, 12), (x) => Number(x.toFixed(5)))).toMatchSnapshot();
});

test("similar texts have similar vectors", () => {
	const invoices = "The billing service stores invoices in Postgres";
	expect(similarity(invoices, "invoices are stored by the billing service")).toBeGreaterThan(0.6);
	expect(similarity(invoices, "the biling servise stors invoises")).toBeGreaterThan(0.15);
	expect(similarity(invoices, "our cat prefers the sofa")).toBeLessThan(0.1);
	expect(similarity("getUserById fails", "get user by id")).toBeGreaterThan(0.5);
});

test("every text has a unit vector, and one byte a number keeps its direction", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			const vector = hashText(text);
			expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
			expect(compactSimilarity(vector, compact(vector))).toBeGreaterThan(0.999);
		}),
	);
});
