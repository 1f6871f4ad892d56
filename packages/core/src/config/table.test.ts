import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { changeSetting } from "./change.ts";
import { checkConfiguration } from "./check.ts";
import { type EditedValue, setInYaml } from "./edit-yaml.ts";
import { isNothing, judge } from "./judge.ts";
import type { Key } from "./keys.ts";
import { lookUp } from "./path.ts";
import { readConfiguration } from "./read.ts";
import { type ConfigurationRow, configurationRows, findRow } from "./rows.ts";
import { WITHOUT_EFFECT } from "./table.ts";

const rows = configurationRows();
const scalarRows = rows.filter(({ key }) => key.kind !== "anything" && key.kind !== "flags");

/** What a text comes to at a setting. */
function valueIn(text: string, { sections: [section = []], below }: ConfigurationRow): unknown {
	return lookUp(readConfiguration(text, {}).values, [...section, ...below]);
}

/** Values that a key takes. */
function taken(key: Key): fc.Arbitrary<EditedValue> {
	switch (key.kind) {
		case "number": {
			const [min, max] = [Math.max(key.min, 0.5), Math.min(key.max, 1e6)];
			return key.isWhole
				? fc.integer({ min: Math.ceil(min), max })
				: fc.double({ min: Math.max(key.min, 0), max, noNaN: true });
		}
		case "flag":
			return fc.boolean();
		case "choice":
			return fc.constantFrom(...key.choices);
		case "texts":
			return fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 3 });
		default:
			return fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.trim() || "x");
	}
}

const setting = fc
	.constantFrom(...scalarRows)
	.chain((row) => taken(row.key).map((value) => ({ row, value })))
	// The least positive number cannot be told from none in a text.
	.filter(({ row, value }) => judge(row.key, value).fault === undefined && !isNothing(value));

/** What a text means is judged where it is used: an address, a reference to a secret. */
const isOfTheTable = ({ kind }: { kind: string }) => kind !== "unused";

describe("every setting", () => {
	test("has one name, and no other setting has it too", () => {
		const names = rows.flatMap(({ name, aliases }) => [name, ...aliases]);
		expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
		for (const { name, aliases } of rows) for (const each of [name, ...aliases]) expect(findRow(each)?.name).toBe(name);
	});

	test("has a default that it would take, and a line that says what it is for", () => {
		for (const { name, key } of rows) {
			expect([name, judge(key, key.default)]).toEqual([name, { value: key.default }]);
			expect(key.description).toMatch(/^[`A-Z].*[^.]$/);
		}
	});

	test("without effect is one", () => {
		for (const part of WITHOUT_EFFECT) {
			expect([part, rows.some(({ name }) => name === part || name.startsWith(`${part}.`))]).toEqual([part, true]);
		}
	});

	test("is read as it was written, by each of its names, without a word", () => {
		fc.assert(
			fc.property(setting, fc.nat(), ({ row, value }, chosen) => {
				const names = [row.name, ...row.aliases];
				const name = names[chosen % names.length] ?? row.name;
				const text = setInYaml("", name.split("."), value);
				expect(valueIn(text, row)).toEqual(value);
				expect(checkConfiguration(text).filter(isOfTheTable)).toEqual([]);
			}),
			{ numRuns: 400 },
		);
	});

	test("that is a number is held in its range, and that is told", () => {
		for (const row of rows) {
			if (row.key.kind !== "number" || row.key.max === Number.POSITIVE_INFINITY) continue;
			for (const [beyond, nearest] of [
				[row.key.max + 1, row.key.max],
				[row.key.min - 1, row.key.min],
			] as const) {
				const text = setInYaml("", row.name.split("."), beyond);
				expect([row.name, valueIn(text, row)]).toEqual([row.name, row.key.isStrict ? row.key.default : nearest]);
				expect(checkConfiguration(text)).toMatchObject([{ kind: "range", key: row.name }]);
			}
		}
	});

	test("that is of another kind has its default, and that is told", () => {
		for (const row of rows) {
			if (row.key.kind === "anything") continue;
			const text = setInYaml("", row.name.split("."), ["a", "b"]).replace("[a, b]", "[{a: 1}]");
			const problems = checkConfiguration(text).filter(isOfTheTable);
			// A list was a text in the old dialect, and is one where a text belongs.
			expect([row.name, problems.map(({ kind }) => kind)]).toEqual([row.name, row.key.kind === "text" ? [] : ["type"]]);
		}
	});
});

describe("changing a setting", () => {
	test("makes it hold, whatever names of it the file has, and taking it back makes the default hold", () => {
		const written = fc.uniqueArray(setting, { selector: ({ row }) => row.name, maxLength: 8 });
		fc.assert(
			fc.property(
				written,
				fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
				setting,
				(others, chosen, { row, value }) => {
					const text = others.reduce((before, other, at) => {
						const names = [other.row.name, ...other.row.aliases];
						return setInYaml(before, (names[(chosen[at] ?? 0) % names.length] ?? "").split("."), other.value);
					}, "# mine\n");
					const changed = changeSetting(text, row, value);
					expect(changed).toStartWith("# mine\n");
					expect(valueIn(changed, row)).toEqual(value);
					for (const other of others) {
						if (other.row.name !== row.name) expect(valueIn(changed, other.row)).toEqual(valueIn(text, other.row));
					}
					// Where the section stands elsewhere too, what it says there would hold again.
					if (row.sections.length > 1) return;
					const without = readConfiguration(changeSetting(changed, row, undefined), {});
					expect(without.origins.has(row.name)).toBe(false);
				},
			),
			{ numRuns: 200 },
		);
	});

	const change = (text: string, name: string, value: EditedValue | undefined) => {
		const row = findRow(name);
		if (!row) throw new Error(`there is no ${name}`);
		return changeSetting(text, row, value);
	};

	test("happens where it stands", () => {
		const flat = "memory:\n  pipelineV2:\n    graphBoostWeight: 0.1 # mine\n";
		expect(change(flat, "memory.pipelineV2.graph.boostWeight", 0.3)).toBe(flat.replace("0.1", "0.3"));
		const elsewhere = "memory:\n  embeddings:\n    provider: ollama\n";
		expect(change(elsewhere, "embedding.model", "mine")).toBe(`${elsewhere}    model: mine\n`);
	});

	test("leaves one name of it", () => {
		const twice =
			"memory:\n  pipelineV2:\n    extractionProvider: claude-code\n    extraction:\n      provider: claude-code\n";
		const changed = change(twice, "memory.pipelineV2.extraction.provider", "ollama");
		expect(changed).toBe("memory:\n  pipelineV2:\n    extraction:\n      provider: ollama\n");
		expect(change(changed, "memory.pipelineV2.extraction.provider", undefined)).toBe("");
	});

	test("takes switches of any name", () => {
		expect(change("", "features.mine", true)).toBe("features:\n  mine: true\n");
	});
});

describe("what is not right", () => {
	test.each([
		["serch:\n  top_k: 3", "1:1 serch: there is no such setting; did you mean search?"],
		["a: 1\nsearch:\n  topK: 3", "3:3 search.topK: there is no such setting; did you mean search.top_k?"],
		["top_k: 3", "1:1 top_k: there is no such setting; did you mean search.top_k?"],
		[
			"memory:\n  pipelineV2:\n    rerankTopN: 3",
			"rerankTopN: there is no such setting; did you mean memory.pipelineV2.rerankerTopN?",
		],
		["zzz: 1", "1:1 zzz: there is no such setting"],
		["search: much", "1:1 search: it is no section with settings under it"],
		["search:\n  top_k: 7.5", "2:3 search.top_k: 7.5 is no whole number; 7 is used"],
		["agent:\n  name: 12", "2:3 agent.name: 12 is no text unless it stands in quotes; it is left out"],
		[
			"embedding:\n  api_key: 12",
			"2:3 embedding.api_key: its value is no text unless it stands in quotes; it is left out",
		],
		["features:\n  a: 1\n  b: true", "1:1 features: a is neither true nor false; left out"],
		["auth:\n  mode: Team", '2:3 auth.mode: "Team" is none of local, team, hybrid; the daemon does not start with it'],
		["embedding: {model: a}\nembeddings: {model: b}", "2:1 embeddings: it is not used, since embedding is there"],
		[
			"memory: {pipelineV2: {graphEnabled: true, graph: {enabled: false}}}",
			"1:23 memory.pipelineV2.graphEnabled: it is not used, since memory.pipelineV2.graph.enabled is there",
		],
		["search:\n  top_k: 1\n  top_k: 2", "3:3 top_k stands here again; the last one holds"],
		["a: 1\nsearch:\n  profile: 'refer\n  top_k: 3", "3:12 not valid YAML (the quote that begins here does not end)"],
		["search:\n\ttop_k: 3", "2:1 not valid YAML"],
		["search:\n  top_k: *many", "2:10 not valid YAML (there is nothing that *many stands for)"],
		["search: |\n  top_k: 3", "what should be settings is text in it; read line by line instead"],
	])("%p is told", (text, expected) => {
		const said = checkConfiguration(text).map(({ line, column, key, text: what }) => {
			const place = line === undefined ? "" : `${line}:${column} `;
			return `${place}${key === "" ? "" : `${key}: `}${what}`;
		});
		expect(said.filter((each) => each.includes(expected))).toHaveLength(1);
	});

	test("a secret is not said again", () => {
		for (const row of rows.filter(({ key }) => key.isSecret)) {
			const text = setInYaml("", row.name.split("."), 424_242);
			expect(JSON.stringify(checkConfiguration(text))).not.toContain("424242");
		}
	});

	test("names that are open are not judged", () => {
		expect(
			checkConfiguration("identity:\n  soul: SOUL.md\npaths:\n  database: x\nowner: {id: 1}\ntrust:\n  a: 1"),
		).toEqual([]);
	});

	test("no text makes checking fail", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), (text) => {
				expect(checkConfiguration(text)).toBeArray();
			}),
		);
		expect(checkConfiguration("[".repeat(100_000))).not.toEqual([]);
	});
});
