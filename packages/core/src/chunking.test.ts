import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chunkBySentence, wholeCharacters } from "./chunking.ts";

const chunksOf = (text: string, target: number) =>
	chunkBySentence(text, target).map(({ start, end }) => text.slice(start, end));

describe("chunkBySentence", () => {
	test("packs sentences up to the target and keeps each whole", () => {
		const text =
			"The blue cluster runs the public site. Its nodes are replaced every Tuesday night. Backups land in the north region at 4.";
		expect(chunksOf(text, 60)).toEqual([
			"The blue cluster runs the public site.",
			"Its nodes are replaced every Tuesday night.",
			"Backups land in the north region at 4.",
		]);
		expect(chunksOf("One. Two! Three? Four.", 10)).toEqual(["One. Two!", "Three?", "Four."]);
	});

	test("does not take a number's point for the end of a sentence", () => {
		expect(chunksOf("It pages after 3.5 minutes.", 10)).toEqual(["It pages a", "fter 3.5 m", "inutes."]);
	});

	test("cuts a sentence beyond twice the target into pieces of their own", () => {
		expect(chunksOf(`Start. ${"x".repeat(25)}. End.`, 10)).toEqual([
			"Start.",
			"x".repeat(10),
			"x".repeat(10),
			"xxxxx.",
			"End.",
		]);
	});

	test("loses no word, makes no empty chunk and keeps within twice the target", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 2, max: 80 }), (text, target) => {
				const chunks = chunksOf(text, target);
				const letters = (value: string) => value.replace(/\s/gu, "");
				expect(letters(chunks.join(""))).toBe(letters(text));
				for (const chunk of chunks) {
					expect(chunk).not.toBe("");
					expect(chunk.trim()).toBe(chunk);
					expect(chunk.length).toBeLessThanOrEqual(2 * target);
				}
			}),
		);
	});
});

test("wholeCharacters never parts a surrogate pair", () => {
	expect(wholeCharacters("ab🧭", 3)).toBe(2);
	expect(wholeCharacters("ab🧭", 4)).toBe(4);
	expect(wholeCharacters("ab", 9)).toBe(2);
});
