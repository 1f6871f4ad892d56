import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
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

describe("how sure it is does not depend on how much is known besides", () => {
	const storeMany = async (bench: Bench, content: (n: number) => string) => {
		await bench.database.write(async (writer) => {
			for (let n = 0; n < 3000; n++) {
				await writer.run(
					sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${`many-${n}`}, ${content(n)}, '2026', '2026')`,
				);
			}
		});
		await bench.documents.catchUp();
	};

	test.each([WORDS_ONLY, undefined])("one word that thousands have is not enough", async (configuration) => {
		await using bench = await workbench(configuration);
		await storeMany(bench, (n) => `${["The name of a branch is", "A dentist asks for", "Feature"][n % 3]} ${n}`);
		const query = "What is the name of my dentist?";
		expect((await ask(bench, query)).abstain).toBe(true);
		await bench.store({ id: "dentist", content: "The name of my dentist is Marlow" });
		const known = await ask(bench, query);
		expect(known.results[0]?.id).toBe("dentist");
		expect(known.abstain).toBeUndefined();
	});

	test.each([
		["Which port is the gateway of the shop on?", "The gateway listens on port 8080"],
		["When is the next meeting of the roof garden group?", "The garden group meets on Fridays"],
		["Who is responsible for the billing service?", "Clara owns billing"],
	])("%p is answered where hardly anything else is known", async (query, content) => {
		await using bench = await workbench();
		await bench.store({ id: "a", content });
		await bench.store({ content: "Lunch is at noon" });
		await bench.store({ content: "The printer wants blue ink" });
		const answer = await ask(bench, query);
		expect([answer.results[0]?.id, answer.abstain]).toEqual(["a", undefined]);
		expect((await ask(bench, "Which violin did Petronella buy in Cremona?")).abstain).toBe(true);
		expect((await ask(bench, "How tall is the Eiffel tower?")).abstain).toBe(true);
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
