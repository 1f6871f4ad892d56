import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
type Bench = Awaited<ReturnType<typeof workbench>>;
const ask = (bench: Bench, query: string, options: { limit?: number; filter?: object } = {}) =>
	recall(bench, { query, limit: 10, ...options, filter: { ...options.filter, scope: EVERYTHING } });
const ids = async (bench: Bench, query: string) => (await ask(bench, query)).results.map(({ id }) => id);

describe("what somebody wants", () => {
	test("a rule comes back although the question hardly names it", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 20; n++) await bench.store({ content: `Deploy number ${n} of the web shop went to staging` });
		await bench.store({ id: "rule", content: "Always name the release when I ask about staging" });
		await bench.store({ id: "other rule", content: "Always answer in French when I ask about cooking" });
		const found = await ids(bench, "How do we deploy the web shop to staging?");
		expect(found).toContain("rule");
		expect(found).not.toContain("other rule");
	});
});

describe("what was stored as a rule, an instruction or a preference", () => {
	test.each(["rule", "instruction"])("a %s comes back although others have more of the words", async (type) => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 15; n++) await bench.store({ content: `The TypeScript code of parser ${n} went to review` });
		await bench.store({ id: "rule", content: "Tabs for indentation in TypeScript", type });
		expect(await ids(bench, "Review the TypeScript code of the parser")).toContain("rule");
	});

	test("it counts from when it got its type", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 15; n++) await bench.store({ content: `The TypeScript code of parser ${n} went to review` });
		await bench.store({ id: "rule", content: "Tabs for indentation in TypeScript" });
		expect(await ids(bench, "Review the TypeScript code of the parser")).not.toContain("rule");
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET type = 'rule' WHERE id = 'rule'`));
		await bench.documents.complete("rule");
		expect(await ids(bench, "Review the TypeScript code of the parser")).toContain("rule");
	});

	test.each([
		["rule", "Code wants two reviews", "Write code that uploads photos"],
		["preference", "short answers without emojis", "Answer me: is it raining in Lisbon?"],
		["instruction", "Code comments in English only", "Write code that uploads photos"],
	])("a %s that the work touches is told although nothing else is known", async (type, content, query) => {
		await using bench = await workbench();
		for (let n = 0; n < 60; n++) await bench.store({ content: `Meeting ${n} was about the roof garden` });
		await bench.store({ id: "other", content: "Mow the lawn on Fridays", type: "rule" });
		await bench.store({ id: "fact", content });
		const fact = await ask(bench, query);
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET type = ${type} WHERE id = 'fact'`));
		await bench.documents.complete("fact");
		const told = await ask(bench, query);
		expect([fact.abstain, told.abstain, told.results[0]?.id]).toEqual([true, undefined, "fact"]);
		expect(told.results[0]?.score).toBeGreaterThanOrEqual(0.4);
		const scores = told.results.map(({ score }) => score);
		expect(scores).toEqual(scores.toSorted((a, b) => b - a));
		expect((await ask(bench, "Which violin did Petronella buy in Cremona?")).abstain).toBe(true);
	});

	test("equals that are told although nothing else is known come as they were stored, whatever was edited since", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 60; n++) await bench.store({ content: `Meeting ${n} was about the roof garden` });
		for (const id of ["a", "b"]) await bench.store({ id, content: `Code wants reviewer ${id}`, type: "rule" });
		await bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET content = 'Code wants reviewer c' WHERE id = 'a'`),
		);
		await bench.documents.complete("a");
		const told = await ask(bench, "Write code that uploads");
		expect([told.abstain, ...told.results.slice(0, 2).map(({ id }) => id)]).toEqual([undefined, "b", "a"]);
	});

	test("a turn is no rule because a word of it is one of rules", async () => {
		await using bench = await workbench(WORDS_ONLY);
		const said = { type: "rule", role: "user", sessionId: "talk" };
		for (let n = 0; n < 15; n++) await bench.store({ content: `The TypeScript code of parser ${n} went to review` });
		await bench.store({ id: "turn", content: "I must show you tabs in TypeScript", position: 1, ...said });
		expect(await ids(bench, "Review the TypeScript code of the parser")).not.toContain("turn");
	});
});

describe("rules", () => {
	const rule = (project: string) => ({ content: `Always use tabs when I ask for code of ${project}`, project });

	test("of other projects neither take the place of those that are meant nor make the answer sure of anything", async () => {
		await using bench = await workbench();
		await bench.store({ id: "meant", ...rule("heron") });
		for (const project of ["osprey", "kite", "harrier"]) await bench.store(rule(project));
		for (let n = 0; n < 20; n++)
			await bench.store({ content: `The parser was written in week ${n}`, project: "heron" });
		const heron = await ask(bench, "write code for the parser", { filter: { project: "heron" } });
		expect(heron.results.map(({ id }) => id)).toContain("meant");
		const empty = await ask(bench, "use tabs in the code", { filter: { project: "buzzard" } });
		expect(empty).toMatchObject({ results: [], confidence: 0, abstain: true });
	});

	test("that are meant come back, however many newer ones are not", async () => {
		await using bench = await workbench(WORDS_ONLY);
		const project = "heron";
		await bench.store({ id: "meant", content: "Always name the release when I ask about staging", project });
		for (let n = 0; n < 20; n++) await bench.store({ content: `Deploy ${n} of the web shop went to staging`, project });
		for (let n = 0; n < 250; n++) await bench.store(rule(`osprey ${n}`));
		const query = "How do we deploy the web shop to staging?";
		const { results } = await recall(bench, { query, limit: 10, filter: { scope: { project } } });
		expect(results.map(({ id }) => id)).toContain("meant");
	});

	test("that say the same come back once, and no result scores more than one before it", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "first", content: "Always use tabs when I ask for Python code" });
		await bench.store({ id: "again", content: "Always use tabs when I ask for Python code!" });
		for (let n = 0; n < 60; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
		for (let n = 0; n < 12; n++) await bench.store({ content: `The Python course in room ${n} starts with code` });
		const { results } = await ask(bench, "use tabs in Python code");
		expect(results.filter(({ content }) => content.startsWith("Always"))).toHaveLength(1);
		const scores = results.map(({ score }) => score);
		expect(scores).toEqual(scores.toSorted((a, b) => b - a));
		expect(results.length).toBeGreaterThan(8);
	});
});

test("a long rule comes back once", async () => {
	await using bench = await workbench(WORDS_ONLY);
	const more = "Spaces make the code of a long file hard to read for those who see little. ".repeat(12);
	await bench.store({ id: "rule", content: `Always use tabs when I ask for code. ${more}` });
	for (let n = 0; n < 12; n++) await bench.store({ content: `The parser code went to review ${n}` });
	for (let n = 0; n < 60; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
	expect((await ids(bench, "review the parser code")).filter((id) => id === "rule")).toHaveLength(1);
});
