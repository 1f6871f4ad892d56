import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { normaliseContent, orderedUuid, sha256Hex, uuidOf } from "./content.ts";
import { seededWorld } from "./testing/index.ts";

describe("normaliseContent", () => {
	const vectors = [
		["  USER   prefers\tvim ?!  ", "USER prefers vim ?!", "user prefers vim", "3c9759f7a41120693088263b2966ce42"],
		["User prefers vim.", "User prefers vim.", "user prefers vim", "3c9759f7a41120693088263b2966ce42"],
		["!!!", "!!!", "!!!", "e84c538e7fe250730ef62de220c40dfa"],
		["...", "...", "...", "ab5df625bc76dbd4e163bed2dd888df8"],
		["a . b .", "a . b .", "a . b", "924befce7153f80775d7b28c6ba4a09c"],
		["x .,", "x .,", "x", "2d711642b726b04401627ca9fbac32f5"],
		["Hello World", "Hello World", "hello world", "b94d27b9934d3e08a52e52d7da7dabfa"],
		["日本語。", "日本語。", "日本語。", "79da6c99848a3751cc0dae65bf38b8da"],
	] as const;

	test.each(vectors)("%p is stored as %p and hashed as %p", (input, storage, normalised, hashStart) => {
		const content = normaliseContent(input);
		expect(content.storage).toBe(storage);
		expect(content.normalised).toBe(normalised);
		expect(content.hash).toStartWith(hashStart);
		expect(content.hash).toBe(sha256Hex(normalised));
	});

	test("normalising what is stored changes nothing more", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), (text) => {
				const once = normaliseContent(text);
				const twice = normaliseContent(once.storage);
				expect(twice).toEqual(once);
			}),
		);
	});

	test("case, white space and final punctuation do not make another memory", () => {
		fc.assert(
			fc.property(
				fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8}){0,5}$/),
				fc.constantFrom(".", "!", "?;", " ,"),
				(text, end) => {
					const shouted = `  ${text.toUpperCase().replaceAll(" ", "\n\t")}${end} `;
					expect(normaliseContent(shouted).hash).toBe(normaliseContent(text).hash);
				},
			),
		);
	});

	test("is empty only for white space", () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				expect(normaliseContent(text).normalised === "").toBe(text.trim() === "");
			}),
		);
	});
});

test("uuidOf gives the same well-formed UUID for the same name", () => {
	expect(uuidOf("a note")).toBe(uuidOf("a note"));
	expect(uuidOf("a note")).not.toBe(uuidOf("another note"));
	expect(uuidOf("a note")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ordered UUIDs are UUIDs, differ, and sort by their time", () => {
	const { random } = seededWorld();
	const ids = [0, 1, 1_764_000_000_000, 1_764_000_000_000, 1_764_000_000_001].map((ms) =>
		orderedUuid(ms, random.bytes),
	);
	for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	expect(new Set(ids).size).toBe(ids.length);
	expect(ids.map((id) => id.slice(0, 13))).toEqual(ids.map((id) => id.slice(0, 13)).toSorted());
});
