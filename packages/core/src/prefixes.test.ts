import { expect, test } from "bun:test";
import fc from "fast-check";
import { parsePrefixes } from "./prefixes.ts";

test.each([
	["plain text", { content: "plain text", critical: false, tags: null }],
	["critical: rotate keys", { content: "rotate keys", critical: true, tags: null }],
	["CRITICAL:rotate keys", { content: "rotate keys", critical: true, tags: null }],
	["[Ops, Keys ,]:  rotate", { content: "rotate", critical: false, tags: "ops,keys" }],
	["critical: [ops]: rotate", { content: "rotate", critical: true, tags: "ops" }],
	["[ops]: critical: rotate", { content: "critical: rotate", critical: false, tags: "ops" }],
	["[ops]: first\nsecond", { content: "first\nsecond", critical: false, tags: "ops" }],
	["[ , ]: text", { content: "text", critical: false, tags: "" }],
	["[todo]:", { content: "[todo]:", critical: false, tags: null }],
	["[todo]:   ", { content: "[todo]:", critical: false, tags: null }],
	["[]: text", { content: "[]: text", critical: false, tags: null }],
	["Use [skip ci]: rarely", { content: "Use [skip ci]: rarely", critical: false, tags: null }],
	["pinned: text", { content: "pinned: text", critical: false, tags: null }],
])("%p", (text, expected) => {
	expect(parsePrefixes(text)).toEqual(expected);
});

test("a text without notation comes back trimmed, whatever it is", () => {
	fc.assert(
		fc.property(fc.string(), (text) => {
			fc.pre(!/^\s*(critical:|\[)/i.test(text));
			expect(parsePrefixes(text)).toEqual({ content: text.trim(), critical: false, tags: null });
		}),
	);
});
