import { Database as SqliteFile } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const remember = (daemon: TemporaryDaemon, body: unknown, headers?: Record<string, string>) =>
	daemon.send("POST", "/api/memory/remember", body, headers);

function rows(daemon: TemporaryDaemon, select: string): unknown[] {
	const db = new SqliteFile(join(daemon.root, "memory", "memories.db"), { readonly: true });
	try {
		return db.query(select).all();
	} finally {
		db.close();
	}
}

describe("remember", () => {
	test("stores what it answers, with a history", async () => {
		await using daemon = await temporaryDaemon();
		const { status, json } = await remember(
			daemon,
			{
				content: "critical: [Ops, Keys]:  Rotate   the keys",
				project: "heron",
				sessionId: "s-1",
				confidence: 0.5,
				category: "security",
				createdAt: "2026-05-08 10:00:00",
			},
			{ "x-signet-actor": "lena", "x-signet-actor-type": "harness", "x-signet-session-id": "s-1" },
		);
		expect(status).toBe(200);
		expect(json).toEqual({
			id: json.id,
			type: "fact",
			tags: "ops,keys",
			pinned: true,
			importance: 1,
			content: "Rotate the keys",
			embedded: true,
		});
		expect(
			rows(
				daemon,
				"SELECT why, project, session_id, confidence, category, created_at, updated_by, source_type FROM memories",
			),
		).toEqual([
			{
				why: "explicit-critical",
				project: "heron",
				session_id: "s-1",
				confidence: 0.5,
				category: "security",
				created_at: "2026-05-08T10:00:00.000Z",
				updated_by: "daemon",
				source_type: "manual",
			},
		]);
		expect(rows(daemon, "SELECT event, new_content, changed_by, actor_type, session_id FROM memory_history")).toEqual([
			{
				event: "created",
				new_content: "Rotate the keys",
				changed_by: "lena",
				actor_type: "harness",
				session_id: "s-1",
			},
		]);
	});

	test("the same again is the same memory, unchanged unless its tags are to be merged", async () => {
		await using daemon = await temporaryDaemon();
		const first = await remember(daemon, { content: "The cluster lives in eu-west-1" });
		const again = await remember(daemon, {
			content: "  the CLUSTER lives in eu-west-1!! ",
			importance: 0.1,
			tags: "x",
		});
		expect(again.json).toEqual({ ...first.json, tags: "", embedded: true, deduped: true });
		const merged = await remember(daemon, { content: "The cluster lives in eu-west-1", tags: "x", merge: true });
		expect(merged.json).toEqual({ ...again.json, tags: "x", merged: true });
		expect(rows(daemon, "SELECT count(*) AS n FROM memories")).toEqual([{ n: 1 }]);
	});

	test("another text of the same source replaces the one before", async () => {
		await using daemon = await temporaryDaemon();
		const ticket = { sourceType: "ticket", sourceId: "OPS-7" };
		const first = await remember(daemon, { content: "Alerts fire at 80 percent", ...ticket });
		const second = await remember(daemon, { content: "Alerts fire at 90 percent", ...ticket });
		expect(second.json).toMatchObject({
			id: first.json.id,
			content: "Alerts fire at 90 percent",
			updated: true,
			embedded: true,
		});
		expect(rows(daemon, "SELECT version, update_count FROM memories")).toEqual([{ version: 2, update_count: 1 }]);
		expect(rows(daemon, "SELECT event, old_content FROM memory_history ORDER BY rowid")).toEqual([
			{ event: "created", old_content: null },
			{ event: "updated", old_content: "Alerts fire at 80 percent" },
		]);
		const found = await daemon.send("POST", "/api/memory/recall", { query: "80" });
		expect(found.json.results.filter(({ source }: { source: string }) => source !== "vector")).toEqual([]);
	});

	test("an idempotency key gives the first answer again, and is refused for another text", async () => {
		await using daemon = await temporaryDaemon();
		const first = await remember(daemon, { content: "Order 66 was shipped", idempotencyKey: "k" });
		expect((await remember(daemon, { content: "Order 66 was shipped", idempotencyKey: "k" })).json.id).toBe(
			first.json.id,
		);
		const inHeader = { content: "Order 66 was shipped" };
		const again = await daemon.send("POST", "/api/memory/remember", inHeader, { "idempotency-key": "k" });
		expect(again.json.id).toBe(first.json.id);
		const other = await remember(daemon, { content: "Order 67 was shipped", idempotencyKey: "k" });
		expect(other.status).toBe(409);
		expect(other.json).toMatchObject({ code: "idempotency_conflict", details: { memoryId: first.json.id } });
		expect(rows(daemon, "SELECT count(*) AS n FROM memories")).toEqual([{ n: 1 }]);
	});

	test("a key stands for what it was first used for, whatever came of that", async () => {
		await using daemon = await temporaryDaemon();
		const source = { sourceType: "doc", sourceId: "1" };
		const first = { ...source, content: "Draft one", idempotencyKey: "k1" };
		const second = { ...source, content: "Draft two", idempotencyKey: "k2" };
		const { id } = (await remember(daemon, first)).json;
		expect((await remember(daemon, second)).json).toMatchObject({ id, updated: true });
		expect((await remember(daemon, first)).json).toMatchObject({ id, content: "Draft two", deduped: true });
		expect((await remember(daemon, { ...second, content: "Draft three" })).status).toBe(409);
		await remember(daemon, { content: "Draft two", idempotencyKey: "k3" });
		expect((await remember(daemon, { content: "Something else", idempotencyKey: "k3" })).status).toBe(409);
		expect(rows(daemon, "SELECT count(*) AS n FROM memories")).toEqual([{ n: 1 }]);
	});

	test("many at once are all stored, duplicates once", async () => {
		await using daemon = await temporaryDaemon();
		const answers = await Promise.all(
			Array.from({ length: 60 }, (_, n) => remember(daemon, { content: `Fact number ${n % 40}` })),
		);
		expect(answers.filter(({ json }) => json.deduped)).toHaveLength(20);
		expect(new Set(answers.map(({ json }) => json.id)).size).toBe(40);
		expect(rows(daemon, "SELECT count(*) AS n FROM memories")).toEqual([{ n: 40 }]);
	});

	test("a long text is one memory with chunks, each of which can be read", async () => {
		await using daemon = await temporaryDaemon(
			"embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    enabled: false\n    guardrails:\n      maxContentChars: 100\n      chunkTargetChars: 60\n",
		);
		const content =
			"The first sentence is about lighthouses. The second is about windmills. The third one is about quokkas, which smile.";
		const { json } = await remember(daemon, { content, sourceType: "doc", sourceId: "1" });
		expect(json).toMatchObject({ chunked: true, chunk_count: 3, group_id: json.id });
		expect(json.ids).toHaveLength(3);
		const chunk = await daemon.send("GET", `/api/memory/${json.ids[1]}`);
		expect(chunk.json).toMatchObject({ id: json.id, content });
		const again = await remember(daemon, { content, sourceType: "doc", sourceId: "1" });
		expect(again.json).toMatchObject({ id: json.id, ids: json.ids, deduped: true });
		expect((await daemon.send("GET", "/api/memories")).json.stats.total).toBe(1);
	});

	test("facts are to be extracted when the pipeline is on", async () => {
		await using daemon = await temporaryDaemon("embedding:\n  provider: none\n");
		await remember(daemon, { content: "Something to be distilled" });
		expect(
			rows(
				daemon,
				"SELECT m.extraction_status, j.job_type, j.status FROM memories m JOIN memory_jobs j ON j.memory_id = m.id",
			),
		).toEqual([{ extraction_status: "pending", job_type: "extract", status: "pending" }]);
	});

	test.each([
		["nothing", "", "Invalid JSON body"],
		["no JSON", "{", "Invalid JSON body"],
		["null", "null", "the body must be a JSON object"],
		["a list", "[]", "the body must be a JSON object"],
		["no content", {}, "content is required"],
		["blank content", { content: " \n" }, "content is required"],
		["a number for content", { content: 42 }, "content must be a text"],
		["notation without a text", { content: "critical: " }, "content is required"],
		["a text for importance", { content: "x", importance: "much" }, "importance must be a number"],
		["an object for tags", { content: "x", tags: { a: 1 } }, "tags must be a text or a list of texts"],
		["a list for who", { content: "x", who: ["a"] }, "who must be a text"],
		["a text for pinned", { content: "x", pinned: "maybe" }, "pinned must be true or false"],
		["a word for a time", { content: "x", createdAt: "yesterday" }, "createdAt must be a time"],
	])("%s is refused with a sentence, and stores nothing", async (_, body, message) => {
		await using daemon = await temporaryDaemon();
		const { status, json } = await remember(daemon, body);
		expect(status).toBe(400);
		expect(json.error).toStartWith(message);
		expect(json.code).toBe("invalid_request");
		expect((await daemon.send("GET", "/api/memories")).json.stats.total).toBe(0);
	});

	test("too long a text is refused with both sizes", async () => {
		await using daemon = await temporaryDaemon();
		expect((await remember(daemon, { content: "x".repeat(500_001) })).json.error).toContain(
			"at most 500000 characters",
		);
		const { status, json } = await remember(daemon, "x".repeat(11 * 1024 * 1024));
		expect(status).toBe(413);
		expect(json.error).toBe("the body has 11534336 bytes; at most 10485760 are accepted");
		expect((await remember(daemon, { content: "x", tags: Array(1_000).fill("a tag") })).json.error).toContain("tags");
	});

	test("is refused while memory is frozen, after the body was checked", async () => {
		await using daemon = await temporaryDaemon("memory:\n  pipelineV2:\n    mutationsFrozen: true\n");
		expect((await remember(daemon, { content: "" })).status).toBe(400);
		const { status, json } = await remember(daemon, { content: "x" });
		expect(status).toBe(503);
		expect(json.error).toBe("Mutations are frozen (kill switch active)");
	});
});

describe("reading", () => {
	test("filters, pages and counts", async () => {
		await using daemon = await temporaryDaemon();
		for (let n = 0; n < 5; n++)
			await remember(daemon, {
				content: `Fact ${n}`,
				who: n % 2 ? "ana" : "ben",
				importance: n / 5,
				createdAt: `2026-01-0${n + 1}`,
			});
		const list = async (query: string) => {
			const { json } = await daemon.send("GET", `/api/memories?${query}`);
			return json.memories.map(({ content }: { content: string }) => content);
		};
		expect(await list("")).toEqual(["Fact 4", "Fact 3", "Fact 2", "Fact 1", "Fact 0"]);
		expect(await list("limit=2&offset=1")).toEqual(["Fact 3", "Fact 2"]);
		expect(await list("who=ana&importance_min=0.3")).toEqual(["Fact 3"]);
		expect(await list("since=2026-01-02&until=2026-01-03")).toEqual(["Fact 2", "Fact 1"]);
		const { json } = await daemon.send("GET", "/api/memories?limit=1");
		expect(json.stats).toEqual({ total: 5, withEmbeddings: 5, critical: 0, deleted: 0 });
		const id = json.memories[0].id as string;
		expect(await list(`id_prefix=${id.slice(0, 8)}`)).toEqual(["Fact 4"]);
		for (const query of ["limit=abc", "since=soon", "pinned=maybe"]) {
			expect([query, (await daemon.send("GET", `/api/memories?${query}`)).status]).toEqual([query, 400]);
		}
	});

	test("an id that is not known is 404", async () => {
		await using daemon = await temporaryDaemon();
		for (const id of ["nope", "recall", "00000000-0000-4000-8000-000000000000"]) {
			const { status, json } = await daemon.send("GET", `/api/memory/${id}`);
			expect([id, status, json.error]).toEqual([id, 404, "not found"]);
		}
	});
});

describe("recall", () => {
	test("answers by POST and as a link alike", async () => {
		await using daemon = await temporaryDaemon();
		await remember(daemon, { content: "The quokka smiles" });
		const post = await daemon.send("POST", "/api/memory/recall", { query: " quokka ", limit: 1 });
		expect(post.json).toMatchObject({
			query: "quokka",
			method: "hybrid",
			results: [{ content: "The quokka smiles", source: "hybrid" }],
		});
		const link = await daemon.send("GET", "/api/memory/search?q=quokka&limit=1");
		expect(link.json).toEqual(post.json);
	});

	test.each([
		["{", "Invalid JSON body"],
		[{}, "query is required"],
		[{ query: "  " }, "query is required"],
		[{ query: 7 }, "query must be a text"],
		[{ query: "x", type: {} }, "type must be a text"],
		[{ query: "x", tags: 3 }, "tags must be a text or a list of texts"],
		[{ query: "x", since: "last week" }, "since must be a time"],
		[{ query: "x", limit: "many" }, "limit must be a number"],
	])("%j is refused", async (body, message) => {
		await using daemon = await temporaryDaemon();
		const { status, json } = await daemon.send("POST", "/api/memory/recall", body);
		expect(status).toBe(400);
		expect(json.error).toStartWith(message);
	});
});

test.each([{ tags: "," }, { tags: " , ", type: "fact" }, { tags: "" }])(
	"a filter that names nothing chooses nothing: %p",
	async (filter) => {
		await using daemon = await temporaryDaemon();
		await daemon.send("POST", "/api/memory/remember", { content: "Without a tag" });
		const body = { mode: "execute", reason: "x", ...filter };
		expect((await daemon.send("POST", "/api/memory/forget", body)).status).toBe(400);
		expect((await daemon.send("GET", "/api/memories")).json.stats.total).toBe(1);
	},
);
