import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compact } from "../vector/compact.ts";
import { compactSimilarity } from "../vector/plain-kernel.ts";
import { cosineSimilarity } from "../vector/similarity.ts";
import { EmbeddedProvider, embedText } from "./embedded.ts";

const similarity = (a: string, b: string) => cosineSimilarity(embedText(a), embedText(b));

/** A digest of every bit of a vector. */
const digestOf = (text: string) => new Bun.CryptoHasher("sha256").update(embedText(text)).digest("hex").slice(0, 16);

test("the same text has the same vector, to the last bit, on every machine and in every release of this version", () => {
	const texts = [
		"The billing service stores invoices in Postgres 16",
		"What did Joanna's sister adopt last spring?",
		"zxqv kwyjibo frobnicate",
		"請求書はデータベースに保存されます",
		"🎉🚀",
		"",
	];
	expect(texts.map(digestOf)).toMatchSnapshot();
});

describe("texts that mean about the same are nearer than others", () => {
	const cases: readonly (readonly [text: string, near: string, far: string])[] = [
		["my dog had puppies", "the cat and her kittens", "the meeting is on Thursday"],
		["the physician prescribed a drug", "her doctor gave her medicine", "the train leaves at noon"],
		["she bought a car", "he purchased an automobile", "she baked a cake"],
		["the database crashed", "SQL server failure", "we painted the fence"],
		["his sister and brother", "their parents and an aunt", "the compiler and the linker"],
	];
	for (const [text, near, far] of cases) {
		test(`${text}: ${near}`, () => expect(similarity(text, near)).toBeGreaterThan(similarity(text, far) + 0.1));
	}
});

test("words that are written alike are alike, known or not", () => {
	const mistyped = "the biling servise stors invoises";
	expect(similarity(mistyped, "the billing service stores invoices")).toBeGreaterThan(0.1);
	expect(similarity(mistyped, "our cat prefers the sofa")).toBeLessThan(0.05);
	expect(similarity("getUserById fails", "get user by id")).toBeGreaterThan(0.5);
	expect(similarity("kwyjiboverse", "kwyjiboversa")).toBeGreaterThan(0.4);
	expect(similarity("kwyjiboverse", "frobnicator")).toBeLessThan(0.2);
});

test("other scripts are told apart", () => {
	const japanese = "請求書はデータベースに保存されます";
	expect(similarity(japanese, "請求書はどこに保存されますか")).toBeGreaterThan(
		similarity(japanese, "猫はソファが好きです") + 0.2,
	);
	const russian = "счета хранятся в базе данных";
	expect(similarity(russian, "база данных хранит счета")).toBeGreaterThan(
		similarity(russian, "кошка спит на диване") + 0.2,
	);
});

test("texts without words have vectors of their own", () => {
	expect(similarity("🎉", "🎉")).toBeCloseTo(1, 5);
	expect(Math.abs(similarity("🎉", "🚀"))).toBeLessThan(0.5);
	expect(Math.abs(similarity("", "a text"))).toBeLessThan(0.5);
});

test("a very long text is like its parts", () => {
	const part = "The gardener planted roses and tulips by the old stone wall. ";
	expect(similarity(part, part.repeat(5_000))).toBeGreaterThan(0.99);
});

test("every text has a unit vector, and one byte a number keeps its direction", async () => {
	const { dimensions } = new EmbeddedProvider();
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			const vector = embedText(text);
			expect(vector).toHaveLength(dimensions);
			expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
			expect(compactSimilarity(vector, compact(vector))).toBeGreaterThan(0.999);
		}),
	);
});
