import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import fc from "fast-check";
import { recall } from "../index.ts";
import { forget, workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
const idsFor = async (bench: Awaited<ReturnType<typeof workbench>>, query: string, filter = {}) =>
	(await recall(bench, { query, limit: 10, filter: { ...filter, scope: EVERYTHING } })).results.map(({ id }) => id);

describe("by words", () => {
	test.each([
		["don't restart", "restart"],
		["how long are access logs kept?", "logs"],
		["feature-flags", "flags"],
		["NODE-7", "restart"],
		["build/web", "make"],
		["ops@example.org", "mail"],
		["parser 2.14", "parser"],
		["C++ codec", "codec"],
		['access "logs', "logs"],
		["(parser", "parser"],
		["NOT launches", "flags"],
		["get user by id", "user"],
		["getUserById", "user"],
		["café", "coffee"],
		["東京", "tokyo"],
	])("%p finds %p first", async (query, id) => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "logs", content: "Access logs are kept for ninety days" });
		await bench.store({ id: "flags", content: "Use feature-flags for risky launches" });
		await bench.store({ id: "make", content: "The Makefile target is build/web" });
		await bench.store({ id: "restart", content: "Don't restart node-7 during business hours" });
		await bench.store({ id: "mail", content: "Write to ops@example.org before a drill" });
		await bench.store({ id: "parser", content: "Version 2.14 of the parser leaks memory" });
		await bench.store({ id: "codec", content: "The C++ codec needs gcc 13" });
		await bench.store({ id: "user", content: "getUserById throws for unknown users" });
		await bench.store({ id: "coffee", content: "The cafe is closed on Mondays" });
		await bench.store({ id: "tokyo", content: "東京都に住んでいます" });
		expect((await idsFor(bench, query))[0]).toBe(id);
	});

	test("tags, author, project and day are found too", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({
			id: "a",
			content: "Rotate it",
			tags: "kerberos",
			who: "yuki",
			project: "heron",
			createdAt: "2026-05-08T10:00:00Z",
		});
		await bench.store({ id: "b", content: "Leave it" });
		for (const query of ["kerberos", "yuki", "heron", "8 May"])
			expect([query, (await idsFor(bench, query))[0]]).toEqual([query, "a"]);
	});

	test("no question makes it fail", async () => {
		await using bench = await workbench();
		await bench.store({ content: "A memory about lighthouses" });
		await fc.assert(
			fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1 }), async (query) => {
				const answer = await recall(bench, { query, limit: 5, filter: { scope: EVERYTHING } });
				for (const { score } of answer.results) expect(score >= 0 && score <= 1).toBe(true);
			}),
		);
	});
});

describe("by vectors", () => {
	test("a misspelt word is found", async () => {
		await using bench = await workbench();
		await bench.store({ id: "a", content: "The kubernetes cluster is upgraded in March" });
		await bench.store({ id: "b", content: "Our cat prefers the sofa" });
		const { results, method } = await recall(bench, { query: "kubernetis", limit: 1, filter: { scope: EVERYTHING } });
		expect(results[0]).toMatchObject({ id: "a", source: "vector" });
		expect(method).toBe("hybrid");
	});

	test("what both legs find is called hybrid and comes first", async () => {
		await using bench = await workbench();
		await bench.store({ id: "a", content: "Postgres stores the invoices" });
		await bench.store({ id: "b", content: "Postgraduates store their voices" });
		const { results } = await recall(bench, { query: "postgres invoices", limit: 2, filter: { scope: EVERYTHING } });
		expect(results[0]).toMatchObject({ id: "a", source: "hybrid" });
	});
});

test("an old memory with several common words is found by words alone", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	const store = (id: string, content: string) =>
		bench.database.write((writer) =>
			writer.run(
				sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${id}, ${content}, '2026', '2026')`,
			),
		);
	await store("both", "The deploy waits for the invoice");
	for (let n = 0; n < 12; n++) {
		const word = n % 2 === 0 ? "deploy" : "invoice";
		await bench.database.write(async (writer) => {
			for (let at = 0; at < 100; at++) {
				const content = `A newer note about the ${word}, ${n} ${at}`;
				await writer.run(
					sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${`${n}/${at}`}, ${content}, '2026', '2026')`,
				);
			}
		});
	}
	const { results } = await recall(bench, { query: "deploy invoice", filter: { scope: EVERYTHING }, limit: 3 });
	expect(results[0]?.id).toBe("both");
});

test("tags are found however they are written, and whatever letters they have", async () => {
	await using bench = await workbench();
	await bench.store({ id: "a", content: "one lighthouse", tags: "École,  Billing , x\ty" });
	await bench.store({ id: "b", content: "another lighthouse", tags: '["École", "BILLING"]' });
	for (const tags of [["École"], ["billing"], ["École", "BILLING"]]) {
		const { results } = await recall(bench, { query: "lighthouse", filter: { scope: EVERYTHING, tags }, limit: 5 });
		expect([tags, results.map(({ id }) => id).sort()]).toEqual([tags, ["a", "b"]]);
	}
});

test("a provider that is away means an answer by words, and the answer says so", async () => {
	await using bench = await workbench("embedding:\n  provider: ollama\n  base_url: http://models\n");
	await bench.store({ id: "a", content: "Lighthouses need keepers" });
	const answer = await recall(bench, { query: "lighthouse", limit: 5, filter: { scope: EVERYTHING } });
	expect(answer.results.map(({ id }) => id)).toEqual(["a"]);
	expect(answer.method).toBe("keyword");
	expect(answer.degraded).toContain("http://models does not answer");
});

test.each([
	["refuses the question", { status: 400, text: "input too long" }, "input too long"],
	["has no vector for it", { status: 200, text: JSON.stringify({ embeddings: [[0, 0]] }) }, "no vector"],
])("a provider that %s is no silent loss either", async (_, refusal, why) => {
	await using bench = await workbench("embedding:\n  provider: ollama\n  model: m\n  base_url: http://models\n");
	bench.world.setNetwork((_url, { body }) => {
		const { input = [] } = JSON.parse(body ?? "{}") as { input?: string[] };
		if (input.includes("lighthouse")) return refusal;
		return { status: 200, text: JSON.stringify({ embeddings: input.map(() => [1, 2]) }) };
	});
	await bench.store({ id: "a", content: "Lighthouses need keepers" });
	const answer = await recall(bench, { query: "lighthouse", limit: 5, filter: { scope: EVERYTHING } });
	expect(answer.results.map(({ id }) => id)).toEqual(["a"]);
	expect(answer).toMatchObject({ method: "keyword", degraded: expect.stringContaining(why) });
});

test("nothing that was forgotten comes back, by any leg or profile", async () => {
	await using bench = await workbench();
	const id = await bench.store({ content: "The launch code is swordfish" });
	await bench.store({ content: "The launch is on Monday" });
	expect(await idsFor(bench, "launch code swordfish")).toContain(id);
	await forget(bench.database, id);
	expect(await idsFor(bench, "launch code swordfish")).not.toContain(id);
	bench.configure("embedding:\n  provider: embedded\nsearch:\n  profile: reference\n  min_score: 0\n");
	expect(await idsFor(bench, "launch code swordfish")).not.toContain(id);
});

describe("filters", () => {
	test("hold for both legs and both profiles", async () => {
		await using bench = await workbench();
		for (let n = 0; n < 30; n++)
			await bench.store({ content: `The turbine hall number ${n} is cooled by river water`, who: "ben" });
		await bench.store({
			id: "ana's",
			content: "The turbine hall is closed",
			who: "ana",
			type: "decision",
			tags: "power, Closed",
			project: "plant",
			createdAt: "2026-03-01 12:00:00",
		});
		for (const profile of ["signet", "reference"]) {
			bench.configure(`embedding:\n  provider: embedded\nsearch:\n  profile: ${profile}\n  top_k: 3\n  min_score: 0\n`);
			for (const filter of [
				{ who: "ana" },
				{ type: "decision" },
				{ project: "plant" },
				{ tags: ["power"] },
				{ tags: ["closed", "POWER"] },
				{ sinceMs: Date.parse("2026-03-01T12:00:00Z"), untilMs: Date.parse("2026-03-01T12:00:00Z") },
			]) {
				expect([profile, filter, await idsFor(bench, "turbine hall cooled by river water", filter)]).toEqual([
					profile,
					filter,
					["ana's"],
				]);
			}
			for (const filter of [{ who: "nobody" }, { tags: ["pow"] }, { pinned: true }, { importanceMin: 0.9 }]) {
				expect([profile, filter, await idsFor(bench, "turbine hall", filter)]).toEqual([profile, filter, []]);
			}
		}
	});
});

describe("a long memory", () => {
	test("is found by the part that matches, once, and shows it", async () => {
		await using bench = await workbench(
			"embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    guardrails:\n      maxContentChars: 100\n      chunkTargetChars: 60\n",
		);
		const content =
			"The release train leaves on Tuesdays. Quokkas are small marsupials of Australia. Backups of the quokka photos run at night.";
		await bench.store({ id: "long", content });
		await bench.store({ content: "Release notes are written by hand" });
		const { results } = await recall(bench, {
			query: "quokka photos backup",
			limit: 10,
			filter: { scope: EVERYTHING },
		});
		expect(results.filter(({ id }) => id === "long")).toHaveLength(1);
		expect(results[0]).toMatchObject({ id: "long", snippet: "Backups of the quokka photos run at night." });
	});
});

test("content is cut at the configured length, never inside a character", async () => {
	await using bench = await workbench(
		"embedding:\n  provider: none\nmemory:\n  pipelineV2:\n    guardrails:\n      recallTruncateChars: 50\n",
	);
	await bench.store({ content: `compass ${"x".repeat(41)}🧭 and more` });
	const [result] = (await recall(bench, { query: "compass", limit: 1, filter: { scope: EVERYTHING } })).results;
	expect(result).toMatchObject({
		content: `compass ${"x".repeat(41)} [truncated]`,
		truncated: true,
		content_length: 60,
	});
});

test("what scores less than asked for is left out", async () => {
	await using bench = await workbench(WORDS_ONLY);
	await bench.store({ content: "lighthouse keeper" });
	await bench.store({ content: "a lighthouse and much else besides, of which nobody asked anything at all" });
	const all = await recall(bench, { query: "lighthouse keeper", limit: 10, filter: { scope: EVERYTHING } });
	expect(all.results).toHaveLength(2);
	const best = all.results[0]?.score ?? 0;
	const some = await recall(bench, {
		query: "lighthouse keeper",
		limit: 10,
		filter: { scope: EVERYTHING },
		minScore: best,
	});
	expect(some.results).toHaveLength(1);
});

test("while the lexicon is being made, what it lacks is found all the same", async () => {
	await using bench = await workbench(WORDS_ONLY);
	await bench.database.write(async (writer) => {
		await writer.run(
			sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES ('oldest', 'A lighthouse', '2020', '2020')`,
		);
		for (let n = 0; n < 200; n++) {
			await writer.run(
				sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${`m${n}`}, ${`number ${n}`}, '2026', '2026')`,
			);
		}
	});
	expect(bench.documents.isBehind).toBe(true);
	expect(await idsFor(bench, "lighthouse")).toEqual(["oldest"]);
});

test("what is recalled is counted, a little later and all at once", async () => {
	await using bench = await workbench(WORDS_ONLY);
	const id = await bench.store({ content: "lighthouse" });
	const counted = () =>
		bench.database.read((reader) =>
			reader.get(sql`SELECT access_count, last_accessed, version FROM memories WHERE id = ${id}`),
		);
	await recall(bench, { query: "lighthouse", limit: 1, filter: { scope: EVERYTHING } });
	await recall(bench, { query: "lighthouse", limit: 1, filter: { scope: EVERYTHING } });
	expect(await counted()).toEqual({ access_count: 0, last_accessed: null, version: 1 });
	await bench.accesses.flush();
	expect(await counted()).toEqual({ access_count: 2, last_accessed: "2026-01-01T00:00:00.000Z", version: 1 });
});

test("explain says what each part gave", async () => {
	await using bench = await workbench();
	await bench.store({ content: "lighthouse" });
	const { explain, results } = await recall(bench, {
		query: "the lighthouse zzyzx",
		limit: 1,
		filter: { scope: EVERYTHING },
		explain: true,
	});
	expect(explain?.words).toEqual([
		{ word: "zzyzx", weight: 1, documents: 0 },
		{ word: "lighthous", weight: 1, documents: 1 },
	]);
	expect(explain?.candidates).toEqual({ lexical: 1, vector: 1 });
	expect(Object.keys(explain?.timingsMs ?? {})).toEqual(["lexical", "embedding", "ranking", "rows"]);
	expect(results[0]?.explain?.similarity).toBeGreaterThan(0.5);
});

test("what explain says adds up to the evidence", async () => {
	await using bench = await workbench();
	for (let n = 0; n < 12; n++) {
		const said = { who: n % 2 ? "assistant" : "user", sessionId: "talk", position: n };
		await bench.store({ content: `I prefer lighthouse ${n} to the ferry${n % 3 ? "" : ", do you?"}`, ...said });
	}
	await bench.store({ content: "Postgraduates like lighthouses" });
	for (const query of [
		"which lighthouse do I prefer",
		"lighthose",
		"ferry",
		"What is the lighthouse of the postgraduate?",
	]) {
		const { explain, results } = await recall(bench, {
			query,
			limit: 20,
			filter: { scope: EVERYTHING },
			explain: true,
		});
		expect(results.length).toBeGreaterThan(0);
		for (const { explain: parts } of results) {
			const { lexical, similarity, context, weight, session, evidence, rule, fresher } = parts ?? {};
			if (rule || fresher) continue;
			const byVector = (explain?.vectorWeight ?? 0) * Math.max(0, similarity ?? 0);
			const found = (lexical ?? 0) + byVector * (1 - (lexical ?? 0)) + (context ?? 0);
			expect(found * (weight ?? 0) * (session ?? 0)).toBeCloseTo(evidence ?? -1, 2);
		}
	}
});
