import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
type Bench = Awaited<ReturnType<typeof workbench>>;
const ask = (bench: Bench, query: string) => recall(bench, { query, limit: 10, filter: { scope: EVERYTHING } });
const ids = async (bench: Bench, query: string) => (await ask(bench, query)).results.map(({ id }) => id);

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

	test("what changed twice is told as it is now, and so is what was found first anyway", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 20; n++) await bench.store({ content: `The team met in room ${n}` });
		const store = (id: string, month: number, content: string) =>
			bench.store({ id, content, createdAt: `2026-0${month}-01T00:00:00Z` });
		await store("third", 3, "I raised the snack budget again, to 95");
		await store("second", 2, "I raised the snack budget for the team to 80");
		await store("first", 1, "The snack budget for the team is 65");
		const { results } = await ask(bench, "What is the snack budget for the team?");
		expect(results.slice(0, 3).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
			["third", undefined],
			["first", "third"],
			["second", "third"],
		]);
		const again = await ask(bench, "What is the snack budget again?");
		expect(again.results[0]?.id).toBe("third");
		expect(again.results.slice(0, 3).map(({ superseded_by }) => superseded_by)).toEqual([undefined, "third", "third"]);
	});

	test.each([
		["What is Clara's phone extension?", "Clara's phone extension is 4411", "Bob's phone extension changed to 5522"],
		[
			"What is the production database port?",
			"The production database port is 5432",
			"The staging database port is now 5433",
		],
		[
			"What is the port of the production database?",
			"The port of the production database is 5432",
			"The port of the staging database changed to 5433",
		],
		[
			"How much memory does server alpha have?",
			"Server alpha has 16 GB of memory",
			"Server beta now has 32 GB of memory",
		],
		["When is the payment of Acme due?", "Acme pays within 30 days", "Globex pays within 60 days now"],
	])("%p is not answered by a later text of another thing", async (query, right, other) => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 30; n++) await bench.store({ content: `Note ${n} about the garden` });
		await bench.store({ id: "right", content: right, createdAt: "2026-01-01T00:00:00Z" });
		await bench.store({ id: "other", content: other, createdAt: "2026-02-01T00:00:00Z" });
		const { results } = await ask(bench, query);
		expect(results[0]?.id).toBe("right");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});

	test("what somebody else says of theirs, or what holds in another project, supersedes nothing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 30; n++) await bench.store({ content: `Note ${n} about the garden` });
		const then = { createdAt: "2026-01-01T00:00:00Z" };
		const now = { createdAt: "2026-02-01T00:00:00Z" };
		await bench.store({ id: "clara", content: "My desk number is 17", who: "Clara", ...then });
		await bench.store({ id: "bob", content: "My desk number changed to 23", who: "Bob", ...now });
		expect((await ids(bench, "What is Clara's desk number?"))[0]).toBe("clara");
		await bench.store({ id: "heron", content: "The gateway listens on port 4000", project: "heron", ...then });
		await bench.store({ id: "osprey", content: "The gateway listens on port 5000", project: "osprey", ...now });
		const { results } = await ask(bench, "Which port is the gateway listening on?");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});
});
