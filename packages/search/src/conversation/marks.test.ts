import { describe, expect, test } from "bun:test";
import { Mark, marksOf } from "./marks.ts";

const marks = (text: string, said: Partial<Record<"who" | "role" | "sourceType", string>> = {}) =>
	marksOf({ text, who: said.who ?? null, role: said.role ?? null, sourceType: said.sourceType ?? null });
const has = (text: string, mark: number) => (marks(text) & mark) !== 0;

describe("a rule", () => {
	test.each([
		"Always use tabs when I ask for code",
		"[8 May 2026] user: Always cite the ticket",
		"Never deploy on a Friday",
		"Please always run the linter before you commit",
		"From now on answer in French",
		"Give units whenever I ask about sizes",
	])("is %p", (text) => expect(has(text, Mark.RULE)).toBe(true));

	test.each(["Always good to see you!", "Never been there", "I always use tabs", "It never rains"])(
		"is not %p",
		(text) => expect(has(text, Mark.RULE)).toBe(false),
	);
});

test.each([
	["I prefer Postgres over MySQL", Mark.PREFERENCE],
	["I'd rather walk", Mark.PREFERENCE],
	["What is your dog called? [shares a photo: a dog]", Mark.QUESTION],
	["We met last Tuesday", Mark.TIME],
	["The demo was moved to the 4th", Mark.CHANGE],
])("%p is marked", (text, mark) => expect(has(text, mark)).toBe(true));

test("who is an assistant is told by the role, the author, the source or the text, in this order", () => {
	const isAssistant = (text: string, said = {}) => (marks(text, said) & Mark.ASSISTANT) !== 0;
	expect(isAssistant("Hello", { role: "assistant", who: "user" })).toBe(true);
	expect(isAssistant("Hello", { role: "user", who: "assistant" })).toBe(false);
	expect(isAssistant("Hello", { who: "assistant" })).toBe(true);
	expect(isAssistant("Hello", { who: "ana", sourceType: "assistant" })).toBe(true);
	expect(isAssistant("[today] assistant: Hello")).toBe(true);
	expect(isAssistant("Hello, assistant: come")).toBe(false);
	expect(isAssistant("Always use tabs", { role: "assistant" }) && marks("Always use tabs", { role: "assistant" })).toBe(
		Mark.ASSISTANT,
	);
});
