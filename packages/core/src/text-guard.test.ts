import { expect, test } from "bun:test";
import { normaliseContent } from "./content.ts";
import { cleanDeep, cleanFields, noCleaner, type TextCleaner } from "./text-guard.ts";

const cleaner: TextCleaner = {
	clean(text) {
		const cleaned = text.replaceAll("hunter2", "[secret:PASS]");
		return { text: cleaned, found: cleaned === text ? [] : ["PASS"] };
	},
};

test("the texts among fields are cleaned, and what has none stays the same object", () => {
	const fields = { content: "it is hunter2", tags: null, importance: 0.5 };
	expect(cleanFields(fields, cleaner)).toEqual({ content: "it is [secret:PASS]", tags: null, importance: 0.5 });
	expect(fields.content).toBe("it is hunter2");
	const plain = { content: "nothing" };
	expect(cleanFields(plain, cleaner)).toBe(plain);
	expect(cleanFields(fields, noCleaner)).toBe(fields);
});

test("however deep a text is, and be it a name", () => {
	const value = { a: ["hunter2", 1, null, { hunter2: true }], b: undefined };
	expect(cleanDeep(value, cleaner)).toEqual({ a: ["[secret:PASS]", 1, null, { "[secret:PASS]": true }], b: undefined });
});

test("what single blanks make whole is cleaned too, where a text is kept with them", () => {
	const phrase: TextCleaner = {
		clean(text) {
			const cleaned = text.replaceAll("correct horse 7", "[secret:PHRASE]");
			return { text: cleaned, found: cleaned === text ? [] : ["PHRASE"] };
		},
	};
	for (const written of ["correct\nhorse 7", "correct  horse\t7", "correct\u00a0horse\r\n 7"]) {
		const { content } = cleanFields({ content: `It is\n${written}.` }, phrase);
		expect(normaliseContent(content).storage).toBe("It is [secret:PHRASE].");
	}
	const lines = { content: "two\nlines", reason: "correct\nhorse 7" };
	expect(cleanFields(lines, phrase)).toBe(lines);
});
