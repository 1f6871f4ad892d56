import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { recall } from "../index.ts";
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
		const { Conversations } = await import("../index.ts");
		const loaded = new Conversations(bench.database, bench.world.timers);
		const { results } = await recall(
			{ ...bench, conversations: loaded },
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

describe("what has changed", () => {
	test("the value that holds now is first, and the other says so", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 20; n++) await bench.store({ content: `The team met in room ${n}` });
		await bench.store({
			id: "old",
			content: "The snack budget for the team is 65 dollars",
			createdAt: "2026-01-01T00:00:00Z",
		});
		await bench.store({ id: "new", content: "I raised the snack budget to 80", createdAt: "2026-02-01T00:00:00Z" });
		const now = await ask(bench, "What is the snack budget for the team?");
		expect(now.results.slice(0, 2).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
			["new", undefined],
			["old", "new"],
		]);
		expect((await ids(bench, "What was the snack budget for the team at first?"))[0]).toBe("old");
	});

	test("a later text of something else supersedes nothing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "a", content: "The snack budget is 65 dollars", createdAt: "2026-01-01T00:00:00Z" });
		await bench.store({ id: "b", content: "Now 12 people come to the office", createdAt: "2026-02-01T00:00:00Z" });
		const { results } = await ask(bench, "What is the snack budget?");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});
});

describe("how sure it is", () => {
	test("what is known is answered with confidence, what is not is left open", async () => {
		await using bench = await workbench();
		await bench.store({ content: "The backup of the billing database runs at four in the morning" });
		for (let n = 0; n < 30; n++) await bench.store({ content: `Meeting notes ${n}: the roof garden was watered` });
		const known = await ask(bench, "When does the backup of the billing database run?");
		expect(known.abstain).toBeUndefined();
		const unknown = await ask(bench, "Which violin did Petronella buy in Cremona?");
		expect(unknown.abstain).toBe(true);
		expect(unknown.confidence ?? 1).toBeLessThan(known.confidence ?? 0);
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

	test("what says the same is there once; another number is another thing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "a", content: "The lighthouse keeper retires in spring" });
		await bench.store({ id: "b", content: "The lighthouse keeper retires in spring." });
		await bench.store({ id: "c", content: "The lighthouse keeper 2 retires in spring" });
		await bench.store({ id: "d", content: "The lighthouse keeper never retires in spring" });
		expect((await ids(bench, "lighthouse keeper")).toSorted()).toEqual(["b", "c", "d"]);
	});
});
