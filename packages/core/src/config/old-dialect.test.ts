import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EditedValue } from "./edit-yaml.ts";
import { type Configuration, readByLines, readConfiguration } from "./read.ts";
import { configurationRows } from "./rows.ts";
import { settingsOf } from "./settings.ts";
import { parseSimpleYaml } from "./simple-yaml.ts";

describe("the dialect", () => {
	test.each([
		["\n# c\n---\n...\na: 1", { a: 1 }],
		["list:\n  - one\n  - two", { list: {} }],
		["list:\n  - name: a\n  - name: b", { list: { "- name": "b" } }],
		["a:1\nb : 2\nurl: http://x:1", { a: 1, b: 2, url: "http://x:1" }],
		["a: |\n  b: 1\n    c: 2", { a: { b: 1, c: 2 } }],
		["a:\n  x: |-\n    b: 1", { a: { x: "", b: 1 } }],
		["a:\n\tb: 1\n\tc:\n\t\td: 2", { a: { b: 1, c: { d: 2 } } }],
		["a: 'x\nb: y\"\nc: \"true\"\nd: '7'", { a: "x", b: "y", c: true, d: 7 }],
		["a: yes\nb: True\nc: null\nd: ~\ne: 'null'", { a: "yes", b: "True", c: null, d: null, e: null }],
		["a: 007\nb: -1.5\nc: 1e5\nd: .5\ne: +3", { a: 7, b: -1.5, c: "1e5", d: ".5", e: "+3" }],
		["a: {b: 1}\nc: [1]\nd: &x 1\ne: *x", { a: "{b: 1}", c: "[1]", d: "&x 1", e: "*x" }],
		["a: 1\na: 2\ns:\n  x: 1\ns:\n  y: 2", { a: 2, s: { y: 2 } }],
		["\uFEFFa: 1\r\nb:\r\n  c: 2\r\n", { a: 1, b: { c: 2 } }],
		["a: 45000 # ms\nb: x#y", { a: 45_000, b: "x#y" }],
	])("%p", (text, expected) => {
		expect(parseSimpleYaml(text)).toEqual(expected);
	});
});

/** All that a configuration comes to, but for lists, which the dialect lost. */
function meaningOf(configuration: Configuration): unknown {
	const { problems, warnings, notYaml, harnesses, auth, ...settings } = settingsOf(configuration);
	// Any other mode is refused, whatever it is.
	const isKnown = ["local", "team", "hybrid"].some((mode) => mode === auth.mode);
	return { ...settings, auth: isKnown ? auth : { ...auth, mode: "refused" } };
}

function sameMeaning(text: string): void {
	expect(meaningOf(readConfiguration(text, {}))).toEqual(meaningOf(readByLines(text, {})));
}

type Tree = { [name: string]: Tree | EditedValue | null };

/** As the older programs wrote a document: strings in quotes only where they must, and nothing escaped in them. */
function written(tree: Tree, indent = ""): string {
	return Object.entries(tree)
		.map(([name, value]) => {
			if (Array.isArray(value)) return `${indent}${name}:\n${value.map((each) => `${indent}  - ${each}\n`).join("")}`;
			if (value === null) return `${indent}${name}: null\n`;
			if (typeof value === "object") return `${indent}${name}:\n${written(value as Tree, `${indent}  `)}`;
			const text = String(value);
			const isQuoted = typeof value === "string" && /[:#]|^\d/.test(value);
			return `${indent}${name}:${text === "" ? "" : ` ${isQuoted ? `"${text}"` : text}`}\n`;
		})
		.join("");
}

const names = configurationRows()
	.filter(({ key }) => key.kind !== "anything" && key.kind !== "texts")
	.flatMap(({ name, aliases, key }) => (key.kind === "flags" ? [`${name}.new`] : [name, ...aliases]));

const value: fc.Arbitrary<EditedValue | null> = fc.oneof(
	fc.integer({ min: -10, max: 1_000_000 }),
	fc.double({ min: -2, max: 2, noNaN: true }).map((number) => Number(number.toFixed(3))),
	fc.boolean(),
	fc.constant(null),
	fc.constantFrom("ollama", "openai", "none", "reference", "team", "true", "off", "5 apples", "a b", "it's", "x#y"),
	fc.constantFrom(
		'say "hi": x',
		"@home",
		"`tick`",
		"%x",
		"*bold* words",
		"[draft] notes",
		"[draft]",
		"{x}",
		"- x",
		"'tis",
	),
	fc.constantFrom("http://box:11434/", "qwen3:4b", "> said", "| x", "? why", ".5", "", " padded ", "-", "a: b: c"),
);

/** Documents that set some of the keys, whatever to. */
const tree = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 12 }).map((settings) => {
	const root: Tree = {};
	for (const [name, said] of settings) {
		const path = name.split(".");
		let section = root;
		for (const step of path.slice(0, -1)) {
			const inner = section[step];
			const next: Tree = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Tree) : {};
			section[step] = next;
			section = next;
		}
		section[path.at(-1) ?? ""] = said;
	}
	return root;
});

test("what the older programs wrote means what it meant", () => {
	fc.assert(
		fc.property(tree, fc.constantFrom("\n", "\r\n"), (settings, newline) => {
			sameMeaning(`harnesses:\n  - claude-code\n${written(settings)}`.replace(/\n/g, newline));
		}),
		{ numRuns: 1_000 },
	);
});

test("a provider that is left empty is none, in either reading", () => {
	sameMeaning('memory:\n  pipelineV2:\n    extractionModel: "http://box:11434/"\n    extractionProvider:\n');
});

/** A section as people write one: blanks or not, quotes that match or not, indented by whatever. */
const handwritten = fc
	.record({
		indent: fc.constantFrom("  ", "    ", "\t", " "),
		head: fc.constantFrom("search:", "search: |", "search :", "search: # how", "search:   "),
		lines: fc.array(
			fc.tuple(
				fc.constantFrom("alpha", "top_k", "min_score", "rehearsal_enabled", "profile", "none"),
				fc.constantFrom(": ", ":", " : ", ":  "),
				fc.constantFrom(
					"0.5",
					"7",
					"'7'",
					'"0.2',
					"0.3'",
					"true",
					"false",
					"reference",
					'"reference',
					"0.5 # half",
					"",
				),
				fc.constantFrom("", "", "", "  ", "\t"),
			),
			{ maxLength: 5 },
		),
		between: fc.constantFrom("", "# a note\n", "a line without one\n", "---\n", "  - item\n"),
		tail: fc.constantFrom("", "version: 1", "agent:\n  name: Nova", "embedding:\n  provider: none\n", "...\n"),
	})
	.map(({ indent, head, lines, between, tail }) => {
		const body = lines
			// Several such things in a row make one text over two lines, which nobody can tell from one that is meant.
			.map(([name, colon, said, deeper]) =>
				deeper ? `${indent}${deeper}${name}: ${said.replace(/["']/, "")}\n` : `${indent}${name}${colon}${said}\n`,
			)
			.join("");
		return `${between}${head}\n${body}${tail}`;
	});

test("what people wrote by hand means what it meant", () => {
	fc.assert(fc.property(handwritten, sameMeaning), { numRuns: 1_000 });
});

test.each([
	// A text that YAML takes for something else is one where a text belongs.
	["agent:\n  name: True", { name: "True" }],
	["agent:\n  name: [draft]", { name: "[draft]" }],
	// And what the dialect garbled is right now.
	['agent:\n  name: "7"', { name: "7" }],
	["agent:\n  name: Nova # the first", { name: "Nova" }],
	["agent:\n  description: >\n    Careful\n    and: kind", { description: "Careful and: kind" }],
	["agent: {name: Nova, description: 'it''s me'}", { name: "Nova", description: "it's me" }],
])("%p", (text, expected) => {
	expect(settingsOf(readConfiguration(text, {})).agent).toMatchObject(expected);
});
