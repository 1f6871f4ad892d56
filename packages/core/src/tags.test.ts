import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatTags, parseTags } from "./tags.ts";

test.each([
	[null, []],
	["", []],
	["  ", []],
	["foo", ["foo"]],
	["foo, bar ,,baz", ["foo", "bar", "baz"]],
	['["go","rust"]', ["go", "rust"]],
	['["go", 3, null]', ["go"]],
	["[not json", ["[not json"]],
	["[]", []],
])("parseTags(%p)", (column, expected) => {
	expect(parseTags(column)).toEqual(expected);
});

test("formatTags trims, drops what is empty and gives null for nothing", () => {
	expect(formatTags([" network ", "tls", ""])).toBe("network,tls");
	expect(formatTags(["a,b"])).toBe("a,b");
	expect(formatTags([])).toBeNull();
	expect(formatTags(["  "])).toBeNull();
});

test("a formatted list parses to its tags", () => {
	fc.assert(
		fc.property(fc.array(fc.stringMatching(/^[a-z0-9:_-]{1,12}$/)), (tags) => {
			expect(parseTags(formatTags(tags))).toEqual(tags);
		}),
	);
});
