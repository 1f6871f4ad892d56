import { describe, expect, test } from "bun:test";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

async function keep(daemon: TemporaryDaemon, content: string, rest: object = {}): Promise<string> {
	const { json } = await daemon.send("POST", "/api/memory/remember", { content, ...rest });
	return json.id;
}

const forget = (daemon: TemporaryDaemon, id: string) =>
	daemon.send("DELETE", `/api/memory/${id}`, { reason: "out of date" });

describe("the list", () => {
	test("is read page by page, from either end", async () => {
		await using daemon = await temporaryDaemon();
		for (let n = 0; n < 7; n++) await keep(daemon, `Fact ${n}`, { createdAt: `2026-01-0${1 + (n >> 1)}` });
		for (const order of ["asc", "desc"]) {
			const contents: string[] = [];
			for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
				const query = `order=${order}&limit=3${cursor ? `&cursor=${cursor}` : ""}`;
				const { status, json } = await daemon.send("GET", `/api/memories?${query}`);
				expect(status).toBe(200);
				contents.push(...json.memories.map(({ content }: { content: string }) => content));
				cursor = json.nextCursor;
			}
			expect(contents.toSorted()).toEqual(Array.from({ length: 7 }, (_, n) => `Fact ${n}`));
			expect(contents.at(order === "asc" ? -1 : 0)).toBe("Fact 6");
		}
	});

	test("has forgotten memories when they are asked for, with when that was", async () => {
		await using daemon = await temporaryDaemon();
		const kept = await keep(daemon, "The beacon is lit");
		const gone = await keep(daemon, "The beacon is dark", { importance: 1 });
		await forget(daemon, gone);
		const list = async (query: string) => (await daemon.send("GET", `/api/memories?${query}`)).json;
		const { memories, stats } = await list("");
		expect(memories).toHaveLength(1);
		expect(memories[0]).not.toContainKey("is_deleted");
		expect(stats).toEqual({ total: 1, withEmbeddings: 1, critical: 0, deleted: 1 });
		expect((await list("include_deleted=true")).memories).toMatchObject([
			{ id: gone, is_deleted: 1, deleted_at: expect.any(String) },
			{ id: kept, is_deleted: 0, deleted_at: null },
		]);
		expect((await list("deleted=only&q=beacon")).memories).toMatchObject([{ id: gone }]);
		expect((await list("q=beacon")).memories).toMatchObject([{ id: kept }]);
	});

	test.each([
		["cursor=WzEsMl0", "cursor must be the nextCursor of the page before"],
		["cursor=%20", "cursor must be"],
		["cursor=WzAsIm0iXQ!!", "cursor must be"],
		["order=up", "order must be asc"],
		["deleted=yes", "deleted can be nothing else than: only"],
		["include_deleted=perhaps", "include_deleted must be true or false"],
		["until=tomorrow", "until must be a time"],
		["importance_min=high", "importance_min must be a number"],
	])("%s is refused with a sentence", async (query, message) => {
		await using daemon = await temporaryDaemon();
		const { status, json } = await daemon.send("GET", `/api/memories?${query}`);
		expect([status, json.code]).toEqual([400, "invalid_request"]);
		expect(json.error).toStartWith(message);
	});
});

test("one memory carries its version, and is there after it was forgotten for whoever asks for that", async () => {
	await using daemon = await temporaryDaemon();
	const id = await keep(daemon, "The beacon is lit");
	expect((await daemon.send("GET", `/api/memory/${id}`)).headers.get("etag")).toBe('"1"');
	await forget(daemon, id);
	expect((await daemon.send("GET", `/api/memory/${id}`)).json).toMatchObject({ error: "not found" });
	expect((await daemon.send("GET", `/api/memory/${id}?includeDeleted=true`)).status).toBe(200);
	const { headers, json } = await daemon.send("GET", `/api/memory/${id}?include_deleted=true`);
	expect(headers.get("etag")).toBe('"2"');
	expect(json).toMatchObject({ id, is_deleted: 1, content: "The beacon is lit" });
});

describe("keyword search", () => {
	test("takes nothing for syntax, and answers filters alone", async () => {
		await using daemon = await temporaryDaemon();
		const id = await keep(daemon, "Cache keys carry a prefix", { who: "ana", tags: "cache" });
		await keep(daemon, "Lunch is at noon", { who: "ben" });
		const search = async (query: string) => (await daemon.send("GET", `/memory/search?${query}`)).json;
		for (const q of ["cache-keys", '"cache keys"', "(cache", "pref*", "CACHE"]) {
			const { results } = await search(`q=${encodeURIComponent(q)}`);
			expect([q, results.map((result: { id: string }) => result.id)]).toEqual([q, [id]]);
			expect(results[0].score).toBeLessThan(0);
		}
		expect((await search("who=ben")).results).toMatchObject([{ content: "Lunch is at noon", pinned: 0, score: 0.8 }]);
		expect(await search("pinned=false")).toEqual({ results: [] });
		expect(await search("distinct=who")).toEqual({ values: ["ana", "ben"] });
	});

	test("finds what is written without spaces or with accents, whole or in part", async () => {
		await using daemon = await temporaryDaemon();
		const tokyo = await keep(daemon, "東京タワーに行きました。Docker環境もある");
		const thai = await keep(daemon, "สวัสดีครับ ยินดีต้อนรับ");
		const hanoi = await keep(daemon, "Hà Nội, Việt Nam: cafe\u0301 sữa đá");
		await keep(daemon, "京都の東にある vietnamese dockers");
		for (const [q, id] of [
			["東京", tokyo],
			["タワー", tokyo],
			["東京 タワー", tokyo],
			["docker", tokyo],
			["東京*", tokyo],
			["สวัสดี", thai],
			["viet", hanoi],
			["Việt", hanoi],
			["CAFÉ", hanoi],
			['"viet nam"', hanoi],
			["sua*", hanoi],
		] as const) {
			const search = await daemon.send("GET", `/memory/search?q=${encodeURIComponent(q)}`);
			expect([q, search.json.results.map((result: { id: string }) => result.id)]).toEqual([q, [id]]);
			expect(search.json.results[0].score).toBeLessThan(0);
			const list = await daemon.send("GET", `/api/memories?q=${encodeURIComponent(q)}`);
			expect([q, list.json.memories.map((memory: { id: string }) => memory.id)]).toEqual([q, [id]]);
		}
		const none = await daemon.send("GET", `/memory/search?q=${encodeURIComponent("東京")}&who=nobody`);
		expect(none.json.results).toEqual([]);
	});

	test.each(["limit=lots", "importance_min=high", "since=soon", "pinned=maybe"])("%s is refused", async (query) => {
		await using daemon = await temporaryDaemon();
		const { status, json } = await daemon.send("GET", `/memory/search?q=x&${query}`);
		expect([status, typeof json.error]).toEqual([400, "string"]);
	});
});

test("similar memories are found with the embedded model", async () => {
	await using daemon = await temporaryDaemon();
	const id = await keep(daemon, "The message queue stores events for seven days");
	const near = await keep(daemon, "The message queue drops events after seven days", { tags: "a,b" });
	const gone = await keep(daemon, "The message queue stores events for six days");
	await keep(daemon, "Lunch is served at noon");
	await forget(daemon, gone);
	const { json } = await daemon.send("GET", `/memory/similar?id=${id}&k=1`);
	expect(json.results).toMatchObject([{ id: near, tags: ["a", "b"], score: expect.any(Number), confidence: 1 }]);
	const refusal = await daemon.send("GET", `/memory/similar?id=${gone}`);
	expect([refusal.status, refusal.json.results]).toEqual([404, []]);
	expect((await daemon.send("GET", "/memory/similar?id=x&k=many")).json.error).toBe("k must be a number");
});

test("the export has nothing of the embedded model, whose vectors are ours alone", async () => {
	await using daemon = await temporaryDaemon();
	await keep(daemon, "The beacon is lit");
	const { headers, json } = await daemon.send("GET", "/api/embeddings?vectors=true");
	expect(headers.get("content-type")).toBe("application/json");
	expect(json).toEqual({ embeddings: [], count: 0, total: 0, limit: 600, offset: 0, hasMore: false });
});

test("similar memories go by every filter that recall has", async () => {
	await using daemon = await temporaryDaemon();
	const anchor = await keep(daemon, "The ferry to the island leaves at nine");
	const other = (request: object) => keep(daemon, `The ferry to the island leaves ${JSON.stringify(request)}`, request);
	await other({ project: "none", who: "nobody", importance: 0.2, createdAt: "2020-01-01T00:00:00Z" });
	const wanted = {
		"type=decision": { type: "decision" },
		"tags=harbour": { tags: "harbour,boats" },
		"who=ana": { who: "ana" },
		"project=heron": { project: "heron" },
		"source_type=mail": { sourceType: "mail" },
		"pinned=true": { pinned: true },
		"importance_min=0.95": { importance: 1 },
		"until=2019-12-31": { createdAt: "2019-06-01T00:00:00Z" },
		"since=2020-06-01&until=2020-06-02": { createdAt: "2020-06-01T12:00:00Z" },
	};
	const ids = new Map<string, string>();
	for (const [query, request] of Object.entries(wanted)) ids.set(query, await other(request));
	for (const [query, id] of ids) {
		const { json } = await daemon.send("GET", `/memory/similar?id=${anchor}&${query}`);
		expect([query, json.results.map((result: { id: string }) => result.id)]).toEqual([query, [id]]);
	}
	const all = await daemon.send("GET", `/memory/similar?id=${anchor}&k=50&pinned=false`);
	expect(all.json.results).toHaveLength(ids.size + 1);
	expect((await daemon.send("GET", `/memory/similar?id=${anchor}&since=soon`)).status).toBe(400);
});

test("all of it is described", async () => {
	await using daemon = await temporaryDaemon();
	const { paths } = (await daemon.send("GET", "/openapi.json")).json;
	const parameters = (path: string) => paths[path].get.parameters.map(({ name }: { name: string }) => name);
	expect(parameters("/api/memories")).toContain("cursor");
	expect(parameters("/memory/search")).toContain("distinct");
	expect(parameters("/memory/similar")).toEqual(expect.arrayContaining(["id", "k", "type", "tags", "since", "until"]));
	expect(parameters("/api/embeddings")).toEqual(["vectors", "limit", "offset"]);
});
