import { Database as SqliteFile } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { startFakeOllama } from "./fake-ollama.ts";
import { Home, until } from "./home.ts";
import { contractFolder } from "./program.ts";

/** A workspace that the reference made, and what it says is in it. */
const source = join(contractFolder, "fixtures", "workspace-2026-02");
const expected = z
	.object({
		counts: z.record(z.string(), z.unknown()),
		tombstones: z.array(z.string()),
		memories: z.array(z.looseObject({ id: z.string(), is_deleted: z.number() })),
		history: z.array(z.object({ id: z.string(), events: z.array(z.record(z.string(), z.unknown())) })),
		recall: z.array(
			z.object({
				query: z.string(),
				limit: z.number(),
				method: z.string(),
				results: z.array(z.object({ id: z.string(), score: z.number(), source: z.string(), content: z.string() })),
			}),
		),
	})
	.parse(JSON.parse(readFileSync(join(source, "expected.json"), "utf8")));

const home = new Home();
const ollama = await startFakeOllama({ port: 0 });
let daemon: Bun.Subprocess;
const tablesBefore = new Map<string, unknown[]>();

beforeAll(async () => {
	mkdirSync(home.paths.root, { recursive: true });
	cpSync(source, home.paths.root, { recursive: true });
	const configuration = readFileSync(join(source, "agent.yaml"), "utf8");
	writeFileSync(join(home.paths.root, "agent.yaml"), configuration.replace("11999", String(ollama.port)));
	for (const [table, rows] of referenceTables()) tablesBefore.set(table, rows);
	({ process: daemon } = await home.serve());
});

afterAll(async () => {
	await home[Symbol.asyncDispose]();
	await ollama.stop(true);
});

/** Everything in the reference's own tables, which we may read and add to but not change unasked. */
function referenceTables(): [string, unknown[]][] {
	const db = new SqliteFile(home.paths.database, { readonly: true });
	const names = db
		.query<{ name: string }, []>(
			`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sgn_%' AND name NOT LIKE 'sqlite_%'
			AND name NOT LIKE '%_fts%' AND name NOT LIKE 'vec_%' ORDER BY name`,
		)
		.all();
	const tables = names.map(({ name }): [string, unknown[]] => [
		name,
		db.query(`SELECT * FROM ${name} ORDER BY rowid`).all(),
	]);
	db.close();
	return tables;
}

const get = (path: string) => home.get(path);

/** Columns of memories that some of the reference's writers leave out. */
const FILLED_IN = ["content_hash", "normalized_content", "embedding_model"];
/** Where vectors that were missing and the job that made them stand. */
const MAY_GROW = new Set(["embeddings", "memory_jobs"]);

describe("a workspace of the reference", () => {
	test("lists what it says is in it, without what was forgotten", async () => {
		const { body } = await get("/api/memories?limit=1000");
		expect(body.stats).toMatchObject({
			total: expected.counts.active,
			critical: expected.counts.critical_active,
			deleted: expected.counts.deleted,
		});
		expect(body.memories).toHaveLength(Number(expected.counts.active));
		const ids = new Set(body.memories.map(({ id }: { id: string }) => id));
		expect(expected.tombstones.filter((id) => ids.has(id))).toEqual([]);
		const byType = Object.entries(expected.counts.active_by_type as Record<string, number>);
		for (const [type, count] of byType) {
			const { body: some } = await get(`/api/memories?limit=1000&type=${type}`);
			expect([type, some.memories.length]).toEqual([type, count]);
		}
	});

	test("reads each memory as it was written", async () => {
		for (const memory of expected.memories) {
			const { status, body } = await get(`/api/memory/${memory.id}`);
			if (memory.is_deleted) {
				expect(status).toBe(404);
				continue;
			}
			for (const key of Object.keys(body).filter((name) => name in memory && name !== "embedding_model"))
				expect([key, body[key]]).toEqual([key, memory[key]]);
			expect([body.embedding_model, "hash-256"]).toContain(memory.embedding_model ?? "hash-256");
		}
	});

	test("was changed in no row by being opened and read: what was left out is filled in, and nothing else", async () => {
		const now = new Map(referenceTables());
		for (const [table, rows] of tablesBefore) {
			const after = (now.get(table) ?? []) as Record<string, unknown>[];
			if (MAY_GROW.has(table)) expect([table, after.slice(0, rows.length)]).toEqual([table, rows as typeof after]);
			else expect([table, after.length]).toEqual([table, rows.length]);
			for (const [at, row] of (rows as Record<string, unknown>[]).entries()) {
				const changed = Object.keys(row).filter((column) => !Bun.deepEquals(after[at]?.[column], row[column]));
				const filled = table === "memories" ? FILLED_IN.filter((column) => row[column] === null) : [];
				expect([table, changed.filter((column) => !filled.includes(column))]).toEqual([table, []]);
			}
		}
	});

	test("gets codes for the vectors that it has and vectors for what has none", async () => {
		const model = "ollama:hash-256";
		await until(() => {
			const db = new SqliteFile(home.paths.database, { readonly: true });
			const { n } = db
				.query<{ n: number }, [string]>(
					"SELECT count(*) AS n FROM sgn_codes c JOIN sgn_models m ON m.id = c.model WHERE m.name = ?",
				)
				.get(model) ?? { n: 0 };
			db.close();
			return n >= Number(expected.counts.active) || undefined;
		});
		const { body } = await get("/api/status");
		expect(body.index.vectorTable).toBe("ok");
	});

	test("answers questions as the reference did", async () => {
		for (const { query, limit, method, results } of expected.recall) {
			const { body: answer } = await get(`/api/memory/search?q=${encodeURIComponent(query)}&limit=${limit}`);
			expect([query, answer.method]).toEqual([query, method]);
			const byId = new Map<string, { score: number }>(
				answer.results.map((result: { id: string }) => [result.id, result]),
			);
			for (const { id, score, content } of results) {
				expect([query, content, byId.has(id)]).toEqual([query, content, true]);
				expect(Math.abs((byId.get(id)?.score ?? 0) - score)).toBeLessThanOrEqual(0.02);
			}
			expect(answer.results.filter(({ id }: { id: string }) => expected.tombstones.includes(id))).toEqual([]);
		}
	});

	test("keeps its history", () => {
		const db = new SqliteFile(home.paths.database, { readonly: true });
		for (const { id, events } of expected.history) {
			const stored = db
				.query(
					"SELECT event, old_content, new_content, changed_by, reason, actor_type, created_at FROM memory_history WHERE memory_id = ? ORDER BY created_at",
				)
				.all(id);
			expect(stored).toEqual(events);
		}
		db.close();
	});

	test("is sound afterwards, and still the reference's", async () => {
		daemon.kill();
		await daemon.exited;
		const db = new SqliteFile(home.paths.database, { readonly: true });
		expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
		expect(db.query("SELECT count(*) AS n, max(version) AS last FROM schema_migrations").get()).toEqual({
			n: 15,
			last: 15,
		});
		const triggers = db
			.query<{ name: string }, []>(
				"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'memories_%' ORDER BY name",
			)
			.all();
		expect(triggers.map(({ name }) => name)).toEqual(["memories_ad", "memories_ai", "memories_au"]);
		db.close();
	});
});
