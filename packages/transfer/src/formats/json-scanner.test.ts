import { expect, test } from "bun:test";
import fc from "fast-check";
import { type JsonPart, JsonScanner } from "./json-scanner.ts";

const isList = (name: string) => name === "list";

/** What a text is cut into when it comes in pieces of those lengths, again and again. */
function cut(text: string, lengths: readonly number[]): { parts: JsonPart[]; scanner: JsonScanner } {
	const scanner = new JsonScanner(isList);
	const parts: JsonPart[] = [];
	for (let at = 0, n = 0; at < text.length; n++) {
		const length = lengths[n % lengths.length] ?? text.length;
		parts.push(...scanner.push(text.slice(at, at + length)));
		at += length;
	}
	return { parts, scanner };
}

test("however it comes in, each member and each item is what JSON says it is", () => {
	const indent = fc.constantFrom<string | number | undefined>(undefined, 2, "\t");
	const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
	fc.assert(
		fc.property(fc.array(fc.jsonValue()), indent, lengths, (list, space, pieces) => {
			const { parts, scanner } = cut(JSON.stringify(list, null, space), pieces);
			expect(parts.map(({ text }) => JSON.parse(text ?? ""))).toEqual(JSON.parse(JSON.stringify(list)));
			expect(scanner).toMatchObject({ outermost: "list", isDone: true, hasMore: false });
		}),
	);
	const members = fc.dictionary(fc.string(), fc.jsonValue());
	fc.assert(
		fc.property(members, fc.array(fc.jsonValue()), indent, lengths, (before, list, space, pieces) => {
			const { list: _, ...others } = before;
			const object = { ...others, list, after: 1 };
			const { parts, scanner } = cut(JSON.stringify(object, null, space), pieces);
			const expected: unknown[] = [];
			for (const [name, value] of Object.entries(JSON.parse(JSON.stringify(object)) as Record<string, unknown>)) {
				if (name !== "list") expected.push({ name, value });
				else
					for (const [at, item] of (value as unknown[]).entries()) expected.push({ name, item: at + 1, value: item });
			}
			const actual = parts.map(({ text, ...part }) => ({ ...part, value: JSON.parse(text ?? "") }));
			expect<unknown>(actual).toEqual(expected);
			expect(scanner).toMatchObject({ outermost: "object", isDone: true, hasMore: false });
		}),
	);
});

test("no text whatever makes it do anything but end or refuse", () => {
	const marks = fc.string({ unit: fc.constantFrom(...'[]{}",:\\ \n1ae'.split("")), maxLength: 60 });
	fc.assert(
		fc.property(fc.oneof(fc.string(), marks, fc.json()), fc.integer({ min: 1, max: 5 }), (text, length) => {
			try {
				const { parts } = cut(text, [length]);
				expect(parts.every((part) => typeof part.text === "string")).toBe(true);
			} catch (error) {
				expect(error).toEqual(new Error("it is neither a list nor an object"));
			}
		}),
		{ numRuns: 2_000 },
	);
});

test("what stands behind the value is told, and what is too long is not kept", () => {
	expect(cut('{"a":1}\n{"a":2}', [4]).scanner).toMatchObject({ isDone: true, hasMore: true });
	const { parts } = cut(`[1,"${"x".repeat(8_100_000)}",2]`, [65_536]);
	expect(parts.map(({ text }) => text)).toEqual(["1", undefined, "2"]);
});
