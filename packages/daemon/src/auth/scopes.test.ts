import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { MemoryScope } from "@signet/core";
import { bearing, guardedDaemon, UNLIMITED } from "../testing/guarded-daemon.ts";
import type { TemporaryDaemon } from "../testing/temporary-daemon.ts";
import { ROUTE_ACCESS, type RouteAccess } from "./route-access.ts";

/**
 * Whoever has a scope meets a workspace with nothing else in it. Every route that the table calls filtered is asked in
 * every way here that could show something of the others, by holders of each kind of scope.
 */

/** Stands in each memory that is out of sight, and nowhere else. */
const SECRET = "xylophone";

interface Memories {
	/** Its own. */
	readonly mine: string;
	/** Of somebody else, each with the secret word in it. */
	readonly others: readonly string[];
	/** Of somebody else, and forgotten. */
	readonly forgotten: string;
	/** Of work on somebody else's memory. */
	readonly job: string;
}

interface Probe {
	readonly path: string;
	readonly method?: string;
	readonly body?: unknown;
	/** What has to be answered; 200, unless it says otherwise. */
	readonly status?: number;
}

const each = (ids: readonly string[], probe: (id: string) => Probe) => ids.map(probe);

/** What is asked of each route; ids are asked for outright, as one who has seen them before would. */
const PROBES: Readonly<Record<string, (memories: Memories) => Probe[]>> = {
	"POST /api/memory/recall": () =>
		["words", "vectors", undefined].flatMap((legs) => [
			{
				path: "/api/memory/recall",
				body: { query: `${SECRET} orchestra`, limit: 50, legs, context: 3, explain: true },
			},
			{ path: "/api/memory/recall", body: { query: SECRET, project: "theirs", limit: 50, legs } },
			{ path: "/api/memory/recall", body: { query: `"${SECRET} orchestra"`, limit: 50, legs } },
		]),
	"GET /api/memory/search": () => [{ path: `/api/memory/search?q=${SECRET}&limit=50` }],
	"GET /memory/search": () => [
		{ path: `/memory/search?q=${SECRET}` },
		{ path: "/memory/search?project=theirs" },
		{ path: "/memory/search?importance_min=0" },
		{ path: "/memory/search?distinct=who" },
	],
	"GET /memory/similar": ({ mine, others }) => [
		{ path: `/memory/similar?id=${mine}&k=50` },
		...each(others, (id) => ({ path: `/memory/similar?id=${id}`, status: 404 })),
	],
	"GET /api/memories": ({ others }) => [
		{ path: "/api/memories?limit=1000" },
		{ path: "/api/memories?limit=1000&include_deleted=1" },
		{ path: "/api/memories?deleted=only" },
		{ path: "/api/memories?project=theirs" },
		{ path: `/api/memories?q=${SECRET}` },
		...each(others, (id) => ({ path: `/api/memories?id_prefix=${id.slice(0, 8)}` })),
	],
	"GET /api/memories/stats": () => [{ path: "/api/memories/stats" }],
	"GET /api/memory/:id": ({ others, forgotten }) => [
		...each(others, (id) => ({ path: `/api/memory/${id}`, status: 404 })),
		{ path: `/api/memory/${forgotten}?include_deleted=1`, status: 404 },
	],
	"GET /api/memory/:id/history": ({ others, forgotten }) =>
		each([...others, forgotten], (id) => ({ path: `/api/memory/${id}/history`, status: 404 })),
	"PATCH /api/memory/:id": ({ others }) =>
		each(others, (id) => ({
			method: "PATCH",
			path: `/api/memory/${id}`,
			body: { tags: "stolen", reason: "probe" },
			status: 404,
		})),
	"POST /api/memory/:id/restore": ({ others }) =>
		each(others, (id) => ({ path: `/api/memory/${id}/restore`, body: { version: 1, reason: "probe" }, status: 404 })),
	"POST /api/memory/modify": ({ others }) => [
		{
			path: "/api/memory/modify",
			body: { patches: others.map((id) => ({ id, tags: "stolen", reason: "probe" })) },
		},
	],
	"DELETE /api/memory/:id": ({ others }) =>
		each(others, (id) => ({
			method: "DELETE",
			path: `/api/memory/${id}`,
			body: { reason: "probe", force: true },
			status: 404,
		})),
	"POST /api/memory/forget": ({ others }) =>
		["preview", "execute"].flatMap((mode) => [
			{ path: "/api/memory/forget", body: { mode, ids: others, reason: "probe", force: true } },
			{ path: "/api/memory/forget", body: { mode, query: SECRET, reason: "probe", force: true } },
			{ path: "/api/memory/forget", body: { mode, project: "theirs", reason: "probe", force: true } },
			{ path: "/api/memory/forget", body: { mode, who: "them", reason: "probe", force: true } },
		]),
	"POST /api/memory/:id/recover": ({ forgotten }) => [
		{ path: `/api/memory/${forgotten}/recover`, body: { reason: "probe" }, status: 404 },
	],
	"POST /api/memory/:id/erase": ({ others }) =>
		each(others, (id) => ({ path: `/api/memory/${id}/erase`, body: { reason: "probe", force: true }, status: 403 })),
	"GET /api/memory/jobs/:id": ({ job }) => [{ path: `/api/memory/jobs/${job}`, status: 404 }],
	"POST /api/memory/jobs/:id/retry": ({ job }) => [
		{ method: "POST", path: `/api/memory/jobs/${job}/retry`, status: 404 },
	],
	"GET /api/embeddings": () => [{ path: "/api/embeddings?vectors=true&limit=5000" }],
	"GET /api/embeddings/projection": () => [
		{ path: "/api/embeddings/projection" },
		{ path: "/api/embeddings/projection?dimensions=3&limit=5000" },
		{ path: `/api/embeddings/projection?q=${SECRET}` },
	],
	"POST /api/hooks/recall": () => [
		{ path: "/api/hooks/recall", body: { harness: "h", query: SECRET, limit: 100 } },
		{ path: "/api/hooks/recall", body: { harness: "h", query: SECRET, project: "theirs" } },
	],
	// What is stored by somebody with a scope lies within it, and does not touch what lies outside.
	"POST /api/memory/remember": () => storing("/api/memory/remember"),
	"POST /api/memory/save": () => storing("/api/memory/save"),
	"POST /api/hook/remember": () => storing("/api/hook/remember"),
	"POST /api/hooks/remember": () => [
		{ path: "/api/hooks/remember", body: { harness: "h", content: said("known"), project: undefined }, status: 409 },
	],
	"POST /api/hooks/compaction-complete": () => [
		{ path: "/api/hooks/compaction-complete", body: { harness: "h", summary: said("known") }, status: 409 },
	],
};

function storing(path: string): Probe[] {
	return [
		// Known to somebody else.
		{ path, body: { content: said("known") }, status: 409 },
		// The source says something else; the key was used.
		{ path, body: { content: `Replaced by ${path}`, sourceType: "file", sourceId: "notes.md" } },
		{ path, body: { content: `Keyed by ${path}`, idempotencyKey: "their-key" }, status: 409 },
	];
}

function said(what: "known" | "forgotten"): string {
	return what === "known" ? `The ${SECRET} orchestra plays in their hall` : `The old ${SECRET} orchestra is gone`;
}

const SCOPES: readonly (readonly [name: string, scope: MemoryScope])[] = [
	["a project", { project: "mine" }],
	["an agent", { agent: "bot" }],
	["a user", { user: "alice" }],
	["all of them", { project: "mine", agent: "bot", user: "alice" }],
];

const filtered = Object.entries<RouteAccess>(ROUTE_ACCESS).filter(([, { scope }]) => scope === "filter");

describe.each(SCOPES)("within %s", (_name, scope) => {
	let daemon: TemporaryDaemon;
	let memories: Memories;
	const me = { ...bearing("operator", scope) };
	const admin = bearing("admin");

	beforeAll(async () => {
		daemon = await guardedDaemon(`  mode: team\n${UNLIMITED}`);
		memories = await seed(daemon, scope);
	});
	afterAll(() => daemon[Symbol.asyncDispose]());

	test("nothing of others is shown or changed by any route", async () => {
		const before = await theirs(daemon, memories);
		const served = await daemon.send("GET", "/openapi.json", undefined, admin);
		const isServed = (key: string) => {
			const [method = "", path = ""] = key.split(" ");
			return served.json.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()] !== undefined;
		};
		const unprobed = filtered.map(([key]) => key).filter((key) => isServed(key) && !PROBES[key]);
		expect(unprobed).toEqual([]);
		const wrong: string[] = [];
		for (const [key, probesOf] of Object.entries(PROBES)) {
			for (const { path, body, method = body === undefined ? "GET" : "POST", status = 200 } of probesOf(memories)) {
				const answer = await daemon.send(method, path, body, me);
				const asked = `${path} ${JSON.stringify(body ?? "")}`;
				const leaks = [...memories.others, memories.forgotten].filter(
					(id) => answer.text.includes(id) && !asked.includes(id),
				);
				const says = answer.text.replaceAll(JSON.stringify(asked), "").includes(`${SECRET} orchestra `);
				if (answer.status !== status || leaks.length > 0 || says) {
					wrong.push(`${key} ${asked.slice(0, 120)}: ${answer.status} ${answer.text.slice(0, 200)}`);
				}
			}
		}
		expect(wrong).toEqual([]);
		expect(await theirs(daemon, memories)).toEqual(before);
	});

	test("its own is found, listed, read, changed, forgotten and brought back", async () => {
		const { mine } = memories;
		const ask = async (method: string, path: string, body?: unknown) => {
			const { status, json } = await daemon.send(method, path, body, me);
			expect([path, status]).toEqual([path, 200]);
			return json;
		};
		const recalled = await ask("POST", "/api/memory/recall", { query: "violin quartet" });
		expect(recalled.results.map(({ id }: { id: string }) => id)).toContain(mine);
		const listed = await ask("GET", "/api/memories?limit=100");
		expect(listed.memories.map(({ id }: { id: string }) => id)).toContain(mine);
		expect(listed.stats.total).toBe(listed.memories.length);
		const stats = await ask("GET", "/api/memories/stats");
		expect(stats.total).toBe(listed.memories.length);
		expect(stats.bytes).toBeUndefined();
		expect((await ask("GET", `/api/memory/${mine}`)).project).toBe(scope.project ?? null);
		await ask("PATCH", `/api/memory/${mine}`, { tags: "music", reason: "sorted" });
		expect((await ask("GET", `/api/memory/${mine}/history`)).history.at(-1).changedBy).toBe("operator-1");
		await ask("DELETE", `/api/memory/${mine}`, { reason: "probe" });
		await ask("POST", `/api/memory/${mine}/recover`, { reason: "probe" });
	});

	test("what is forgotten elsewhere can be said anew, as something of its own", async () => {
		const { status, json } = await daemon.send("POST", "/api/memory/remember", { content: said("forgotten") }, me);
		expect(status).toBe(200);
		expect(json.id).not.toBe(memories.forgotten);
		expect(json.recovered).toBeUndefined();
		expect((await daemon.send("GET", `/api/memory/${json.id}`, undefined, me)).json.version).toBe(1);
	});

	test("what is about the whole workspace is refused", async () => {
		const wrong: string[] = [];
		for (const [key, access] of Object.entries<RouteAccess>(ROUTE_ACCESS)) {
			if (access.scope !== "whole") continue;
			const [method = "", path = ""] = key.split(" ");
			const body = method === "GET" ? undefined : "[1]";
			const { status } = await daemon.send(method, path.replace(/:\w+/g, "none"), body, me);
			if (status !== 403) wrong.push(`${key}: ${status}`);
		}
		expect(wrong).toEqual([]);
	});
});

test("nobody stores into another project than their own, nor takes a memory there", async () => {
	await using daemon = await guardedDaemon(`  mode: team\n${UNLIMITED}`);
	const me = bearing("agent", { project: "mine" });
	const store = (path: string, body: object) => daemon.send("POST", path, body, me);
	const refused = await store("/api/memory/remember", { content: "Planted", project: "theirs" });
	expect([refused.status, refused.json.error]).toEqual([403, "scope restricted to project 'mine'"]);
	expect((await store("/api/hooks/remember", { harness: "h", content: "Planted", project: "theirs" })).status).toBe(
		403,
	);
	const { json } = await store("/api/memory/remember", { content: "Kept where it belongs" });
	const read = await daemon.send("GET", `/api/memory/${json.id}`, undefined, bearing("admin"));
	expect(read.json.project).toBe("mine");
	const all = await daemon.send("GET", "/api/memories?include_deleted=1", undefined, bearing("admin"));
	expect(all.json.stats.total).toBe(1);
});

test("administrators see everything, whatever their token says", async () => {
	await using daemon = await guardedDaemon(`  mode: team\n${UNLIMITED}`);
	const { others, mine } = await seed(daemon, { project: "mine" });
	const { json } = await daemon.send("GET", "/api/memories", undefined, bearing("admin", { project: "mine" }));
	const ids = json.memories.map(({ id }: { id: string }) => id);
	expect(ids).toEqual(expect.arrayContaining([mine, ...others]));
});

/** Memories in the scope, of others, and of nobody. */
async function seed(daemon: TemporaryDaemon, scope: MemoryScope): Promise<Memories> {
	const admin = bearing("admin");
	const store = async (body: object, headers: { authorization: string }) => {
		const { status, json } = await daemon.send("POST", "/api/memory/remember", body, headers);
		if (status !== 200) throw new Error(`not stored: ${JSON.stringify(json)}`);
		return json.id as string;
	};
	const conversation = { sessionId: "talk" };
	const mine = await store(
		{ content: "The violin quartet plays on Mondays", ...conversation, position: 2 },
		bearing("agent", scope),
	);
	const theirScope = Object.fromEntries(Object.keys(scope).map((part) => [part, "theirs"]));
	const project = "theirs";
	const others = [
		await store({ content: said("known"), project, who: "them" }, admin),
		await store({ content: `The ${SECRET} orchestra has no hall` }, admin),
		await store({ content: `The ${SECRET} orchestra rehearses now`, pinned: true }, bearing("agent", theirScope)),
		// Beside its own in the same conversation, a rule, and what takes the place of another one.
		await store(
			{ content: `Always tune the ${SECRET} orchestra first`, type: "rule", ...conversation, position: 1 },
			admin,
		),
		await store(
			{ content: `The ${SECRET} orchestra plays on Fridays now`, project, ...conversation, position: 3 },
			admin,
		),
		await store(
			{ content: `Noted about the ${SECRET} orchestra`, project, sourceType: "file", sourceId: "notes.md" },
			admin,
		),
		await store({ content: `Sent once about the ${SECRET} orchestra`, project, idempotencyKey: "their-key" }, admin),
	];
	const forgotten = await store({ content: said("forgotten"), project }, admin);
	await daemon.send("DELETE", `/api/memory/${forgotten}`, { reason: "old" }, admin);
	return { mine, others, forgotten, job: await jobOf(daemon, forgotten) };
}

/** A job on a memory, as the pipeline leaves one behind. */
async function jobOf({ root }: TemporaryDaemon, memoryId: string): Promise<string> {
	const { Database } = await import("bun:sqlite");
	const db = new Database(`${root}/memory/memories.db`);
	const at = "2026-01-01T00:00:00.000Z";
	db.run(
		`INSERT INTO memory_jobs (id, memory_id, job_type, status, attempts, max_attempts, created_at, updated_at)
		VALUES ('their-job', ?, 'extract', 'dead', 3, 3, ?, ?)`,
		[memoryId, at, at],
	);
	db.close();
	return "their-job";
}

/** What others have, as whoever sees everything sees it. */
async function theirs(daemon: TemporaryDaemon, { others, forgotten }: Memories): Promise<unknown[]> {
	const admin = bearing("admin");
	return Promise.all(
		[...others, forgotten].map(async (id) => {
			const {
				access_count: _,
				last_accessed: __,
				...row
			} = (await daemon.send("GET", `/api/memory/${id}?include_deleted=1`, undefined, admin)).json;
			return { row, history: (await daemon.send("GET", `/api/memory/${id}/history`, undefined, admin)).json };
		}),
	);
}
