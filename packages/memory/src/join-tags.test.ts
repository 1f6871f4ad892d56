import { expect, test } from "bun:test";
import { parseTags } from "@signet/core";
import fc from "fast-check";
import { joinTags } from "./join-tags.ts";

test.each([
	[null, "a", "a"],
	["", "a, b", "a,b"],
	["a", "a", undefined],
	["a,b", '["b","c"]', "a,b,c"],
	['["a","b, c"]', "d", '["a","b, c","d"]'],
	["a", null, undefined],
	["a", '["b,c"]', "a,b,c"],
	["[x", "y", "[x,y"],
])("%p and %p are %p", (known, more, expected) => {
	expect(joinTags(known, more)).toBe(expected);
});

test("tags that were joined have all tags of both, and joining them again changes nothing", () => {
	const tag = fc.string({ minLength: 1, maxLength: 6 });
	const column = fc.oneof(
		fc.constant(null),
		fc.array(tag).map((tags) => tags.join(",")),
		fc.array(tag).map((tags) => JSON.stringify(tags)),
	);
	fc.assert(
		fc.property(column, column, (known, more) => {
			const joined = joinTags(known, more);
			const tags = parseTags(joined ?? known);
			for (const one of parseTags(known)) expect(tags).toContain(one);
			for (const one of parseTags(more)) {
				for (const part of tags.includes(one) ? [one] : one.split(",").map((piece) => piece.trim())) {
					if (part !== "") expect(tags).toContain(part);
				}
			}
			expect(joinTags(joined ?? known, more)).toBeUndefined();
		}),
	);
});
