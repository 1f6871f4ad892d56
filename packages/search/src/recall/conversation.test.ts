import { describe, expect, test } from "bun:test";
import { EVERYTHING, type MemoryFilter } from "@signet/core";
import { sql } from "@signet/db";
import { recall, recallForHook } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
type Bench = Awaited<ReturnType<typeof workbench>>;
const ask = (bench: Bench, query: string, options: { limit?: number; context?: number; filter?: object } = {}) =>
	recall(bench, { query, limit: 10, ...options, filter: { ...options.filter, scope: EVERYTHING } });
const ids = async (bench: Bench, query: string) => (await ask(bench, query)).results.map(({ id }) => id);

async function storeTalk(bench: Bench) {
	const turns = [
		["q", "ana", "What is your dog called?"],
		["a", "ben", "Bruno"],
		["b", "ana", "Lovely name"],
		["c", "ben", "He likes the beach"],
	] as const;
	for (const [position, [id, who, content]] of turns.entries()) {
		await bench.store({ id, who, content, sessionId: "talk", position });
	}
	await bench.store({ id: "elsewhere", content: "Bruno Mars sings", sessionId: "other" });
}

describe("a conversation", () => {
	test("an answer without a word of the question is found by the turn before it", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await storeTalk(bench);
		expect((await ids(bench, "what is the dog called")).slice(0, 2)).toEqual(["q", "a"]);
	});

	test("its order is the one that was said, whatever the order in which it was stored", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "last", content: "gamma", sessionId: "s", position: 3 });
		await bench.store({ id: "first", content: "alpha", sessionId: "s", position: 1 });
		await bench.store({ id: "middle", content: "beta", sessionId: "s", position: 2 });
		const { results } = await ask(bench, "beta", { limit: 1, context: 1 });
		expect(results[0]?.context?.before.map(({ id }) => id)).toEqual(["first"]);
		expect(results[0]?.context?.after.map(({ id }) => id)).toEqual(["last"]);
	});

	test("is the same after the next start", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await storeTalk(bench);
		const before = await ids(bench, "dog called");
		const { Corpus } = await import("../index.ts");
		const { database, world } = bench;
		const corpus = new Corpus(database, world.timers);
		const { results } = await recall(
			{ ...bench, corpus },
			{ query: "dog called", limit: 10, filter: { scope: EVERYTHING } },
		);
		expect(results.map(({ id }) => id)).toEqual(before);
	});

	test("a forgotten turn is nobody's neighbour, and a filter holds for what is found by its neighbours", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await storeTalk(bench);
		await ids(bench, "dog");
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = 'a'`));
		expect(await ids(bench, "dog called")).not.toContain("a");
		const { results } = await ask(bench, "dog called", { limit: 1, context: 2 });
		expect(results[0]?.context?.after.map(({ id }) => id)).toEqual(["b", "c"]);
		const filtered = await ask(bench, "dog called", { filter: { scope: EVERYTHING, who: "ben" } });
		expect(filtered.results.map(({ who }) => who).filter((who) => who !== "ben")).toEqual([]);
	});

	test("what may not be seen is passed over: as many turns come as there are", async () => {
		await using bench = await workbench(WORDS_ONLY);
		const turns: [string, string | undefined][] = [
			["far", "mine"],
			["hidden", "theirs"],
			["hidden too", "theirs"],
			["quokka", "mine"],
			["hidden as well", "theirs"],
			["unnamed", undefined],
			["near", "mine"],
		];
		for (const [position, [content, project]] of turns.entries()) {
			await bench.store({ id: content, content, sessionId: "talk", position, ...(project && { project }) });
		}
		const around = async (filter: MemoryFilter, count: number) => {
			const { results } = await recall(bench, { query: "quokka", limit: 1, context: count, filter });
			const { before = [], after = [] } = results[0]?.context ?? {};
			return [before, after].map((turns) => turns.map(({ id }) => id));
		};
		const scope = { project: "mine" };
		expect(await around({ scope }, 2)).toEqual([["far"], ["near"]]);
		expect(await around({ scope: EVERYTHING, project: "mine" }, 1)).toEqual([["far"], ["unnamed"]]);
		expect(await around({ scope: EVERYTHING, project: "mine" }, 2)).toEqual([["far"], ["unnamed", "near"]]);
		expect(await around({ scope: EVERYTHING, type: "fact" }, 1)).toEqual([["hidden too"], ["hidden as well"]]);
	});

	test("who is named said it, and an assistant's words count less than the user's", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "ben", who: "Ben", content: "The ferry leaves at nine" });
		await bench.store({ id: "ana", who: "Ana", content: "The ferry leaves at nine, she says" });
		expect((await ids(bench, "When does the ferry leave, Ana?"))[0]).toBe("ana");
		await bench.store({ id: "user", role: "user", content: "My kayak is green and old" });
		await bench.store({ id: "assistant", role: "assistant", content: "A kayak that is green" });
		expect((await ids(bench, "green kayak"))[0]).toBe("user");
		expect((await ids(bench, "what green kayak did you recommend"))[0]).toBe("assistant");
	});
});

describe("ways to ask", () => {
	test("words in quotes stand as they are, and a star is any ending", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "phrase", content: "We use the blue green switch for releases" });
		await bench.store({ id: "apart", content: "The green lamp and the blue one: switch both" });
		await bench.store({ id: "deployment", content: "Deployments wait for the tests" });
		expect(await ids(bench, '"blue green" switch')).toEqual(["phrase"]);
		expect(await ids(bench, "depl*")).toEqual(["deployment"]);
		expect(await ids(bench, "standup")).toEqual([]);
		await bench.store({ id: "standup", content: "The stand-up is at ten" });
		expect(await ids(bench, "standup")).toEqual(["standup"]);
	});

	test("a star after a whole word, with accents or inside of a name, finds it all the same", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "deployment", content: "Deployments wait for the tests" });
		await bench.store({ id: "cafe", content: "The café is closed on Mondays" });
		await bench.store({ id: "code", content: "getUserById throws for unknown users" });
		await bench.store({ id: "tokyo", content: "東京都に住んでいます" });
		for (const [query, id] of [
			["deployment*", "deployment"],
			["deployments*", "deployment"],
			["caf*", "cafe"],
			["café*", "cafe"],
			["getUser*", "code"],
			["getUserB*", "code"],
			["東京都*", "tokyo"],
		] as const)
			expect([query, await ids(bench, query)]).toEqual([query, [id]]);
	});

	test("words in quotes that nobody said so are words", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "deploy", content: "The deployment script wants node 20" });
		for (const query of [
			'Why does the deployment script say "cannot find module"?',
			'Is the 5" or the 6" script for the deployment?',
		])
			expect([query, await ids(bench, query)]).toEqual([query, ["deploy"]]);
		await bench.store({ id: "module", content: "Who runs npm install does not read: cannot find module" });
		expect(await ids(bench, 'deployment script "cannot find module"')).toEqual(["module"]);
		expect(await ids(bench, "deployment script “cannot find module”")).toEqual(["module"]);
		const prompt = 'The deployment script says "cannot find module", and I ask for "help"';
		const rows = await recallForHook(bench, { query: prompt, project: undefined, scope: EVERYTHING, limit: 5 });
		expect(rows.map(({ id }) => id).toSorted()).toEqual(["deploy", "module"]);
	});

	test("what is quoted and stands nowhere is not known, however much else of the question is", async () => {
		await using bench = await workbench();
		for (let n = 0; n < 20; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
		await bench.store({ id: "deploy", content: "The deployment script wants node 20 and says so" });
		expect((await ask(bench, "What does the deployment script say about node 20?")).abstain).toBeUndefined();
		for (const query of ['deployment script node 20 "module not found"', 'deployment script "webpack" node 20']) {
			const answer = await ask(bench, query);
			expect([query, answer.results[0]?.id, answer.abstain]).toEqual([query, "deploy", true]);
			expect(answer.confidence).toBeLessThan(0.3);
		}
		expect((await ask(bench, 'Does the deployment script want "node 20"?')).abstain).toBeUndefined();
		expect((await ask(bench, 'Is the 5" or the 6" script for the deployment of node 20?')).abstain).toBeUndefined();
	});

	test("what came since a word was looked for is known, by any filter", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 40; n++) await bench.store({ content: `Note ${n} about the garden`, project: "heron" });
		const asked = () => ask(bench, "zebra kernel", { filter: { project: "heron" } });
		expect((await asked()).abstain).toBe(true);
		await bench.store({ content: "The zebra kernel runs", project: "heron" });
		expect((await asked()).abstain).toBeUndefined();
	});

	test("what differs in one word of many, or in who says it, are two things", async () => {
		await using bench = await workbench(WORDS_ONLY);
		const notes = (name: string) =>
			`Interview notes from the hiring round for the platform team: the candidate ${name} solved the exercise quickly, asked good questions about our deployment pipeline, and seemed friendly, patient, curious and thorough`;
		await bench.store({ id: "alice", content: notes("Alice"), who: "daemon" });
		await bench.store({ id: "robert", content: notes("Robert"), who: "daemon" });
		await bench.store({ id: "again", content: `${notes("Robert")} throughout`, who: "daemon" });
		const found = await ids(bench, "candidates of the hiring round");
		expect(found).toContain("alice");
		expect(found.filter((id) => id !== "alice")).toHaveLength(1);
		await bench.store({ id: "ana", content: "I love pizza with mushrooms", who: "ana" });
		await bench.store({ id: "ben", content: "I love pizza with mushrooms!", who: "ben" });
		expect((await ids(bench, "who loves pizza")).toSorted()).toEqual(["ana", "ben"]);
	});

	test("what says the same is there once; another number is another thing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "a", content: "The lighthouse keeper retires in spring" });
		await bench.store({ id: "b", content: "The lighthouse keeper retires in spring." });
		await bench.store({ id: "c", content: "The lighthouse keeper 2 retires in spring" });
		await bench.store({ id: "d", content: "The lighthouse keeper never retires in spring" });
		expect((await ids(bench, "lighthouse keeper")).toSorted()).toEqual(["b", "c", "d"]);
	});
});
