import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { removeFromYaml, setInYaml, YamlEditError } from "./edit-yaml.ts";
import { lookUp } from "./path.ts";

const FILE = `# My agent
version: 1

search:
  # found by trying
  alpha: 0.5   # half
  top_k: 20

memory:
    pipelineV2: {graph: {enabled: true}, worker: {}} # short
harnesses:
  - claude-code # first
  - opencode
agent:
  description: |
    Careful
    and kind
hooks: # later
# end
`;

describe("setting", () => {
	test.each([
		["a value keeps what stands behind it", ["search", "alpha"], 0.25, "alpha: 0.5   # half", "alpha: 0.25   # half"],
		["a new key goes behind the last", ["search", "min_score"], 0.2, "top_k: 20\n", "top_k: 20\n  min_score: 0.2\n"],
		[
			"a key in braces stays there",
			["memory", "pipelineV2", "graph", "boostWeight"],
			0.1,
			"{enabled: true}",
			"{enabled: true, boostWeight: 0.1}",
		],
		["empty braces are filled", ["memory", "pipelineV2", "worker", "pollMs"], 500, "{}}", "{ pollMs: 500 }}"],
		[
			"a new section takes the indentation of the file",
			["memory", "files", "enabled"],
			false,
			"# short\n",
			"# short\n    files:\n      enabled: false\n",
		],
		["a list stays a list", ["harnesses"], ["codex", "a: b"], "claude-code # first\n  - opencode", 'codex\n  - "a: b"'],
		["a block of text", ["agent", "description"], "Short", "|\n    Careful\n    and kind\n", "Short\n"],
		[
			"an empty section is filled behind its comment",
			["hooks", "preCompaction", "memoryLimit"],
			3,
			"hooks: # later\n",
			"hooks: # later\n  preCompaction:\n    memoryLimit: 3\n",
		],
		["what looks like something else is quoted", ["agent", "name"], "true", "kind\n", 'kind\n  name: "true"\n'],
	] as const)("%s", (_what, path, value, before, after) => {
		expect(setInYaml(FILE, path, value)).toBe(FILE.replace(before, after));
	});

	test.each([
		["", "search:\n  top_k: 5\n"],
		["# only this", "# only this\nsearch:\n  top_k: 5"],
		["a: 1", "a: 1\nsearch:\n  top_k: 5"],
		["---\na: 1\n", "---\na: 1\nsearch:\n  top_k: 5\n"],
		["\uFEFFa: 1\r\n", "\uFEFFa: 1\r\nsearch:\r\n  top_k: 5\r\n"],
		["search:\r\n  top_k: 9 # x\r\n", "search:\r\n  top_k: 5 # x\r\n"],
		["search:", "search:\n  top_k: 5"],
		["search: ~ # none\nb: 1\n", "search: # none\n  top_k: 5\nb: 1\n"],
		["search: {}\n", "search: { top_k: 5 }\n"],
		["{}", "{ search: { top_k: 5 } }"],
		["search:\n  top_k: 1\n  top_k: 2\n", "search:\n  top_k: 1\n  top_k: 5\n"],
		["search:\n  top_k: &k 9\nother: 1\n", "search:\n  top_k: &k 5\nother: 1\n"],
		["a: &a 1\nsearch:\n  top_k: *a\n", "a: &a 1\nsearch:\n  top_k: 5\n"],
		["base: &b {top_k: 1}\nsearch:\n  <<: *b\n", "base: &b {top_k: 1}\nsearch:\n  <<: *b\n  top_k: 5\n"],
		['"search":\n  "top_k": 9\n', '"search":\n  "top_k": 5\n'],
		["search:\n  top_k:\n    - 1\n    # two\n    - 2\nb: 1\n", "search:\n  top_k: 5\nb: 1\n"],
	])("%p", (before, after) => {
		expect(setInYaml(before, ["search", "top_k"], 5)).toBe(after);
	});

	test.each([
		["search: 'open\n", "line 1, column 9: the quote that begins here does not end"],
		["search:\n\ttop_k: 1\n", "line 2, column 1"],
		["a: 1\n---\nb: 1\n", "line 2, column 1"],
		["- a\n", "the file is no section"],
		["a: 1\nsearch: much\n", "search (line 2) is no section"],
		["null\n", "the file says null"],
		["search:\n  top_k: &k 9\nother: *k\n", "without changing more"],
		["search: {top_k: !!str 9}\n", "without changing more"],
	])("%p is left to a person", (before, reason) => {
		expect(() => setInYaml(before, ["search", "top_k"], 5)).toThrow(YamlEditError);
		expect(() => setInYaml(before, ["search", "top_k"], 5)).toThrow(reason);
	});
});

describe("removing", () => {
	test.each([
		["search:\n  alpha: 1 # x\n  top_k: 2\nb: 1\n", "search:\n  alpha: 1 # x\nb: 1\n"],
		["search:\n  top_k: 2\nb: 1\n", "b: 1\n"],
		["a:\n  search: 1\nsearch:\n  # note\n  top_k: 2\n", "a:\n  search: 1\nsearch:\n  # note\n"],
		["search: {alpha: 1, top_k: 2}\n", "search: {alpha: 1}\n"],
		["search: {top_k: 2, alpha: 1}\n", "search: {alpha: 1}\n"],
		["search: {top_k: 2} # x\n", ""],
		["b: 1\n", "b: 1\n"],
		["search: 1\n", "search: 1\n"],
		["b: 1\nsearch:\n  top_k: 2", "b: 1\n"],
	])("%p", (before, after) => {
		expect(removeFromYaml(before, ["search", "top_k"])).toBe(after);
	});
});

const name = fc.constantFrom("alpha", "beta", "gamma", "delta", "on", "7");
const scalar = fc.constantFrom(
	"1",
	"0.5",
	"true",
	"text",
	"'it''s'",
	'"a # b"',
	"",
	"[1, 2]",
	"{x: 1, y: {z: 2}}",
	"a b:c",
);
const comment = fc.constantFrom("", "", " # why", "   # because: of this");
const between = fc.constantFrom("", "", "", "\n", "# a comment: with a colon\n");

/** A block of pairs, with comments and blank lines wherever they may stand. */
function block(indent: string, depth: number): fc.Arbitrary<string> {
	const leaf = fc.tuple(scalar, comment).map(([said, note]) => ` ${said}${note}\n`);
	const pair = fc.tuple(name, between, depth === 0 ? leaf : fc.oneof(leaf, leaf, deeper(indent, depth)));
	return fc
		.uniqueArray(pair, { selector: ([each]) => each, minLength: 1, maxLength: 4 })
		.map((pairs) =>
			pairs.map(([each, gap, rest]) => `${gap.replace(/^#/, `${indent}#`)}${indent}${each}:${rest}`).join(""),
		);
}

function deeper(indent: string, depth: number): fc.Arbitrary<string> {
	const inner = fc.tuple(comment, block(`${indent}  `, depth - 1)).map(([note, lines]) => `${note}\n${lines}`);
	const text = fc
		.constantFrom("|\n", ">-\n")
		.map((head) => ` ${head}${indent}    some text: here\n${indent}    # no comment\n`);
	return fc.oneof(inner, inner, text);
}

const document = fc
	.tuple(block("", 2), fc.constantFrom("\n", "\r\n"), fc.boolean())
	.map(([lines, newline, isClosed]) => (isClosed ? lines : lines.trimEnd()).replace(/\n/g, newline));
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const value = fc.oneof(
	fc.integer(),
	fc.boolean(),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.string({ unit: "grapheme" }),
	fc.constantFrom("true", "null", "007", "- x", "http://host:1/v1", "a: b", "x #y", "@home", " padded ", "line\nline"),
	fc.array(fc.constantFrom("a", "b c", "1", "x, y"), { maxLength: 3 }),
);

function commentsOf(text: string): string[] {
	return [...text.matchAll(/^ *# a comment.*$|(?<= )# (?:why|because: of this)/gm)].map(([found]) => found.trim());
}

/** An edit, or undefined where it was refused. */
function attempt(edit: () => string): string | undefined {
	try {
		return edit();
	} catch (error) {
		if (error instanceof YamlEditError) return undefined;
		throw error;
	}
}

describe("any document", () => {
	test("says the new value and else what it said, with its comments in order", () => {
		let refused = 0;
		let edited = 0;
		fc.assert(
			fc.property(document, path, value, (before, at, wanted) => {
				const after = attempt(() => setInYaml(before, at, wanted));
				if (after === undefined) {
					refused++;
					return;
				}
				edited++;
				expect(lookUp(Bun.YAML.parse(after), at)).toEqual(wanted);
				const old = lookUp(Bun.YAML.parse(before), at);
				if (typeof old === "object" && old !== null) return;
				expect(commentsOf(after)).toEqual(commentsOf(before));
				const kept = before.split(/\r?\n/).filter((line) => !after.split(/\r?\n/).includes(line));
				expect(kept.length).toBeLessThanOrEqual(3);
			}),
			{ numRuns: 1_000 },
		);
		// Refused are paths through a value that is no section.
		expect(edited).toBeGreaterThan(refused);
	});

	test("is what it was when a key is added and taken away again", () => {
		fc.assert(
			fc.property(
				document,
				fc.tuple(fc.array(name, { maxLength: 2 }), fc.constantFrom("new", "newer")),
				(before, [under, key]) => {
					// An empty section goes with the last thing in it.
					const sections = under.map((_name, end) => lookUp(Bun.YAML.parse(before), under.slice(0, end + 1)));
					fc.pre(!sections.includes(null));
					const at = [...under, key];
					const added = attempt(() => setInYaml(before, at, 1));
					if (added === undefined) return;
					const removed = removeFromYaml(added, at);
					expect(removed.replace(/\s+$/g, "").replace(/:[ ~]*(?=\r?\n|$)/gm, ":")).toBe(
						before.replace(/\s+$/g, "").replace(/:[ ~]*(?=\r?\n|$)/gm, ":"),
					);
				},
			),
			{ numRuns: 500 },
		);
	});
});
