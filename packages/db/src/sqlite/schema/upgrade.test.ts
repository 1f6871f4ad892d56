import { Database as SqliteFile } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import sql from "sql-template-tag";
import { OLD_FILES, type OldFile, withFailingStatement, writeOldFile } from "../../testing/index.ts";
import { openSqlite } from "../open.ts";
import { vectorLibraryFile } from "../vector-library.ts";
import { migrationChecksum } from "./bookkeeping.ts";
import { MIGRATIONS } from "./migrations.ts";

let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signet-upgrade-"));
	file = join(folder, "memories.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = async () => {
	const { database } = await openSqlite({
		file,
		world: seededWorld(),
		vectorTable: { libraryFile: undefined, cacheFolder: folder },
		onDerivationFailure: (error) => expect(error).toBeNull(),
	});
	return database;
};
const openAndClose = async () => (await open()).close();

/** Look at the file with nothing of ours in between. */
function inspect<T>(look: (db: SqliteFile) => T): T {
	const db = new SqliteFile(file, { readonly: true });
	try {
		return look(db);
	} finally {
		db.close();
	}
}

/** All that is in a file, but for when it was done. */
function contentsOf(path: string): string {
	const db = new SqliteFile(path, { readonly: true });
	try {
		const objects = db.query<{ name: string; type: string }, []>("SELECT name, type, sql FROM sqlite_master").all();
		const tables = ["memories", "embeddings", "schema_migrations", "memories_fts_docsize", "sgn_changes"].filter(
			(name) => objects.some((object) => object.type === "table" && object.name === name),
		);
		return JSON.stringify([objects, ...tables.map((name) => db.query(`SELECT * FROM ${name}`).all())]);
	} finally {
		db.close();
	}
}

/** The tables of document 01, section 6, with their columns; what a reference of the fifteenth migration reads and writes. */
const COLUMNS: Readonly<Record<string, string>> = {
	memories:
		"id type category content confidence importance source_id source_type tags who why project created_at updated_at updated_by last_accessed access_count vector_clock version manual_override pinned content_hash normalized_content is_deleted deleted_at extraction_status embedding_model extraction_model update_count idempotency_key runtime_path source_path source_section",
	embeddings: "id content_hash vector dimensions source_type source_id chunk_text created_at",
	memory_history:
		"id memory_id event old_content new_content changed_by reason metadata created_at actor_type session_id request_id",
	memory_jobs:
		"id memory_id job_type status payload result attempts max_attempts leased_at completed_at failed_at error created_at updated_at document_id",
	entities: "id name entity_type description created_at updated_at canonical_name mentions embedding",
	relations:
		"id source_entity_id target_entity_id relation_type strength metadata created_at mentions confidence updated_at",
	memory_entity_mentions: "memory_id entity_id mention_text confidence created_at",
	session_memories:
		"id session_key memory_id source effective_score predictor_score final_score rank was_injected relevance_score fts_hit_count agent_preference created_at",
	session_scores:
		"id session_key project harness score memories_recalled memories_used novel_context_count reasoning created_at confidence continuity_reasoning",
	documents:
		"id source_url source_type content_type content_hash title raw_content status error connector_id chunk_count memory_count metadata_json created_at updated_at completed_at",
	document_memories: "document_id memory_id chunk_index",
	connectors: "id provider display_name config_json cursor_json status last_sync_at last_error created_at updated_at",
	ingestion_jobs:
		"id source_path source_type file_hash status chunks_total chunks_processed memories_created started_at completed_at error",
	conversations:
		"id session_id harness started_at ended_at summary topics decisions created_at updated_at updated_by vector_clock version manual_override",
	summary_jobs:
		"id session_key harness project transcript status result attempts max_attempts created_at completed_at error",
	umap_cache: "id dimensions embedding_count payload created_at",
	scheduled_tasks:
		"id name prompt cron_expression harness working_directory enabled last_run_at next_run_at created_at updated_at",
	task_runs: "id task_id status started_at completed_at exit_code stdout stderr error",
	telemetry_events: "id event timestamp properties sent_to_posthog created_at",
};
const INDICES =
	"idx_memories_type idx_memories_category idx_memories_pinned idx_memories_importance idx_memories_created idx_memories_is_deleted idx_memories_extraction_status idx_memories_deleted_at idx_memories_content_hash_unique idx_memories_idempotency_key idx_embeddings_source idx_embeddings_content_hash_unique idx_memory_history_memory_id idx_memory_history_created_at idx_memory_jobs_status idx_memory_jobs_memory_id idx_memory_jobs_completed_at idx_memory_jobs_failed_at idx_entities_canonical_name idx_relations_source idx_relations_target idx_relations_composite idx_memory_entity_mentions_entity idx_session_memories_session idx_session_memories_memory idx_session_scores_project idx_session_scores_session idx_connectors_provider idx_summary_jobs_status idx_scheduled_tasks_enabled_next idx_telemetry_events_unsent".split(
		" ",
	);

/** Every ninth statement, of each file others: what the upgrades share is met often enough. All take two minutes. */
const STEP = Number(process.env.FAULT_STEP ?? 9);

const isLater = ({ name }: OldFile) => name.startsWith("a later version");

describe.each(OLD_FILES.map((old) => [old.name, old] as const))("%s", (_name, old) => {
	beforeEach(() => writeOldFile(file, old));

	test("can be opened by the reference afterwards", async () => {
		await openAndClose();
		inspect((db) => {
			for (const [table, columns] of Object.entries(COLUMNS)) {
				const found = db.query<{ name: string }, []>(`SELECT name FROM pragma_table_info('${table}')`).all();
				expect([table, found.map(({ name }) => name)]).toEqual([table, expect.arrayContaining(columns.split(" "))]);
			}
			const objects = db
				.query<{ name: string; place: string }, []>("SELECT name, tbl_name AS place FROM sqlite_master")
				.all();
			const names = objects.map(({ name }) => name);
			const ofMemories = objects.filter(({ name }) => /^(idx_)?memories_(?!fts|cold)/.test(name));
			expect(ofMemories.filter(({ name, place }) => place !== "memories" && name !== "memories_old")).toEqual([]);
			const triggers = ["memories_ai", "memories_ad", "memories_au"];
			expect(names).toEqual(expect.arrayContaining([...(isLater(old) ? [] : INDICES), ...triggers, "memories_fts"]));
			expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
			const { last } = db.query<{ last: number }, []>("SELECT max(version) AS last FROM schema_migrations").get() ?? {};
			expect(isLater(old) ? (last ?? 0) > 15 : last === 15).toBe(true);
			const recorded = db
				.query<{ version: number; checksum: string }, []>(
					"SELECT version, checksum FROM schema_migrations WHERE version <= 15",
				)
				.all();
			for (const { version, checksum } of recorded) {
				const name = MIGRATIONS[version - 1]?.name ?? "";
				expect([migrationChecksum(version, name), "inline-migrate", "migrated"]).toContain(checksum);
			}
		});
		// What the reference does first, and its triggers do.
		const db = new SqliteFile(file);
		db.run(`INSERT INTO memories (id, content, created_at, updated_at, updated_by)
			VALUES ('new', 'Written by the reference', '2026', '2026', 'x')`);
		db.run("UPDATE memories SET content = 'Changed by the reference', access_count = 1 WHERE id = 'new'");
		const found = db.query("SELECT count(*) AS n FROM memories_fts WHERE memories_fts MATCH 'changed'").get();
		expect(found).toEqual({ n: 1 });
		db.run("DELETE FROM memories WHERE id = 'new'");
		// What it leaves to the file: no two active memories of one content, one memory a key, one vector a content.
		const memory = (id: string, hash: string, key: string) => () =>
			db.run(
				`INSERT INTO memories (id, content, type, content_hash, idempotency_key, is_deleted, created_at, updated_at, updated_by)
				VALUES (?, 'x', 'fact', ?, ?, 0, '2026', '2026', 'x')`,
				[id, hash, key],
			);
		const vector = (id: string) => () =>
			db.run(
				`INSERT INTO embeddings (id, content_hash, vector, dimensions, source_type, source_id, chunk_text, created_at)
				VALUES (?, 'a hash of its own', x'00', 1, 'memory', 'x', '', '2026')`,
				[id],
			);
		for (const write of [memory("x", "h1", "k1"), vector("x")]) expect(write).not.toThrow();
		for (const write of [memory("y", "h1", "k2"), memory("y", "h2", "k1"), memory("x", "h2", "k2"), vector("y")]) {
			expect(write).toThrow("UNIQUE");
		}
		// Only a later version has jobs of no memory.
		const job = () =>
			db.run(
				`INSERT INTO memory_jobs (id, memory_id, job_type, created_at, updated_at) VALUES ('x', NULL, 'x', '2026', '2026')`,
			);
		if (old.name.endsWith("43")) expect(job).not.toThrow();
		else expect(job).toThrow("NOT NULL");
		db.run("DELETE FROM memories WHERE id = 'x'");
		db.run("INSERT INTO memories_fts (memories_fts, rank) VALUES ('integrity-check', 1)");
		db.close();
	});

	test("is copied before, and opens a second time without a change", async () => {
		await openAndClose();
		const backups = readdirSync(folder).filter((name) => name.includes(".bak-v"));
		expect(backups).toHaveLength(1);
		const copy = new SqliteFile(join(folder, backups[0] ?? ""), { readonly: true });
		expect(copy.query("SELECT count(*) AS n FROM memories").get()).toEqual({ n: old.memories.length });
		copy.close();
		const before = readFileSync(file);
		await openAndClose();
		expect(readFileSync(file).equals(before)).toBe(true);
	});

	test("whichever statement of the upgrade fails, the file is as it was, byte for byte, or upgraded", async () => {
		const whole = readFileSync(file);
		await openAndClose();
		const upgraded = contentsOf(file);
		let refused = 0;
		for (let n = 1 + (OLD_FILES.indexOf(old) % STEP), isReached = true; isReached; n += STEP) {
			for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
			await Bun.write(file, whole);
			const { hasFailed, result } = await withFailingStatement(n, "SQLITE_FULL", openAndClose);
			isReached = hasFailed;
			if (result.status === "fulfilled") continue;
			refused++;
			expect(result.reason).toBeInstanceOf(StartupError);
			expect(readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([]);
			const log = `${file}-wal`;
			expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
			if (!readFileSync(file).equals(whole)) expect(contentsOf(file)).toBe(upgraded);
			await openAndClose();
			expect(contentsOf(file)).toBe(upgraded);
		}
		expect(refused).toBeGreaterThan(5);
	}, 120_000);
});

test.each([[true], [false]])(
	"killed amid an upgrade (with a write-ahead log: %p), the file is as it was at the next start",
	async (hasLog) => {
		const [old] = OLD_FILES;
		if (!old) throw new Error("there are no old files");
		const used = join(folder, "used.db");
		writeOldFile(used, { ...old, hasLog });
		const db = new SqliteFile(used);
		// So small that changes reach the disk before they are committed, as those of a large file do.
		db.run("PRAGMA cache_size = 1");
		db.run("BEGIN IMMEDIATE");
		db.run("ALTER TABLE memories RENAME TO sgn_converted");
		db.run(`CREATE TABLE half AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		SELECT i, hex(randomblob(50)) AS text FROM n`);
		for (const suffix of ["", "-journal", "-wal"])
			if (existsSync(used + suffix)) copyFileSync(used + suffix, file + suffix);
		db.close();
		expect(existsSync(`${file}${hasLog ? "-wal" : "-journal"}`)).toBe(true);
		await openAndClose();
		const { ids, names } = inspect((look) => ({
			ids: look.query("SELECT id FROM memories ORDER BY id").all(),
			names: look.query("SELECT name FROM sqlite_master WHERE name IN ('half', 'sgn_converted')").all(),
		}));
		expect(ids).toEqual(old.memories.map(({ id }) => ({ id })));
		expect(names).toEqual([]);
	},
);

test("what got lost of ours when another program made the table anew is made again, and all memories count as changed", async () => {
	await openAndClose();
	const db = new SqliteFile(file);
	db.run("DELETE FROM sgn_changes");
	db.run("CREATE TABLE again AS SELECT * FROM memories");
	db.run("DROP TABLE memories");
	db.run("ALTER TABLE again RENAME TO memories");
	db.run(
		"INSERT INTO memories (id, content, type, created_at, updated_at, updated_by) VALUES ('a', 'x', 'fact', '2026', '2026', 'x')",
	);
	db.run(`INSERT INTO sgn_documents (memory_id, chunk, text_start, text_end, fingerprint, words, word_count, words_from)
		VALUES ('gone', 0, 0, 1, 0, '', 0, 0)`);
	db.close();
	const database = await open();
	const changes = await database.read((reader) => reader.all(sql`SELECT memory_id AS id FROM sgn_changes ORDER BY id`));
	expect(changes).toEqual([{ id: "a" }, { id: "gone" }]);
	await database.write((writer) => writer.run(sql`DELETE FROM sgn_changes`));
	await database.write((writer) => writer.run(sql`UPDATE memories SET content = 'y' WHERE id = 'a'`));
	const changed = await database.read((reader) => reader.all(sql`SELECT memory_id AS id FROM sgn_changes`));
	expect(changed).toEqual([{ id: "a" }]);
	await database.close();
});

test("what went along with a table that another program has put aside is made again on the new one", async () => {
	await openAndClose();
	const db = new SqliteFile(file);
	db.run("ALTER TABLE memories RENAME TO memories_old");
	db.run("CREATE TABLE memories AS SELECT * FROM memories_old");
	db.close();
	await openAndClose();
	const astray = inspect((look) =>
		look.query("SELECT name FROM sqlite_master WHERE tbl_name = 'memories_old' AND name LIKE 'sgn_%'").all(),
	);
	expect(astray).toEqual([]);
	const database = await open();
	const insert = (id: string) =>
		database.write((writer) =>
			writer.run(sql`INSERT INTO memories (id, content, content_hash, is_deleted, created_at, updated_at)
				VALUES (${id}, 'x', 'one hash', 0, '2026', '2026')`),
		);
	await insert("a");
	const changed = await database.read((reader) => reader.all(sql`SELECT memory_id AS id FROM sgn_changes`));
	expect(changed).toEqual([{ id: "a" }]);
	await expect(insert("b")).rejects.toThrow("UNIQUE");
	await database.close();
});

test("what got lost before a version of ours that has more is made again with what that adds", async () => {
	await openAndClose();
	const db = new SqliteFile(file);
	db.run("DROP TRIGGER sgn_memory_updated");
	db.run("DELETE FROM sgn_migrations WHERE version >= (SELECT version FROM sgn_migrations WHERE name = 'imports')");
	db.run("DROP TRIGGER sgn_turn_of_deleted");
	db.run("DROP TRIGGER sgn_context_of_deleted");
	db.run("DROP TRIGGER sgn_owner_of_deleted");
	db.run("DROP TRIGGER sgn_memory_retyped");
	db.run("DROP INDEX sgn_memories_project");
	const later = ["sgn_import_items", "sgn_import_sources", "sgn_projections", "sgn_turns", "sgn_contexts"];
	later.push("sgn_memory_owners");
	for (const table of ["sgn_imports", ...later]) db.run(`DROP TABLE ${table}`);
	db.close();
	await openAndClose();
	const there = inspect((look) =>
		look.query("SELECT name FROM sqlite_master WHERE name IN ('sgn_memory_updated', 'sgn_contexts')").all(),
	);
	expect(there).toHaveLength(2);
});

test("full-text entries follow rows that have got other numbers", async () => {
	await openAndClose();
	const db = new SqliteFile(file);
	for (const word of ["zero", "one", "two"]) {
		db.run("INSERT INTO memories (id, content, created_at, updated_at) VALUES (?, ?, '2026', '2026')", [word, word]);
	}
	db.run("DELETE FROM memories WHERE id = 'zero'");
	db.run("VACUUM");
	db.run("UPDATE memories SET rowid = rowid + 10");
	db.run("CREATE TABLE photos (id)");
	db.close();
	await openAndClose();
	const found = inspect((look) =>
		look
			.query("SELECT m.id FROM memories_fts f JOIN memories m ON m.rowid = f.rowid WHERE memories_fts MATCH 'two'")
			.all(),
	);
	expect(found).toEqual([{ id: "two" }]);
});

test("vectors that another program has dropped come back from its index; those that nobody has are made again", async () => {
	await openAndClose();
	const db = new SqliteFile(file);
	db.loadExtension(vectorLibraryFile() ?? "");
	db.run(
		`INSERT INTO memories (id, content, type, created_at, updated_at, updated_by) VALUES ('m', 'x', 'fact', '2026', '2026', 'x')`,
	);
	const bytes = new Uint8Array(Float32Array.of(1, 2, 2).buffer);
	for (const id of ["kept", "lost"]) {
		db.run(
			`INSERT INTO embeddings (id, content_hash, vector, dimensions, source_type, source_id, chunk_text, created_at)
			VALUES (?, ?, ?, 3, 'memory', 'm', '', '2026')`,
			[id, id, bytes],
		);
	}
	db.run(
		"CREATE VIRTUAL TABLE vec_embeddings USING vec0(id TEXT PRIMARY KEY, embedding FLOAT[3] distance_metric=cosine)",
	);
	db.run("INSERT INTO vec_embeddings (id, embedding) VALUES ('kept', ?)", [bytes]);
	for (const { name } of db
		.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'embeddings'")
		.all()) {
		db.run(`DROP TRIGGER ${name}`);
	}
	db.run("ALTER TABLE embeddings DROP COLUMN vector");
	db.close();
	const database = await open();
	const range = { afterId: "", limit: 10 };
	const { lost } = await database.read((reader) => database.vectorTable.compare(reader, range));
	expect([...lost].sort()).toEqual(["kept", "lost"]);
	// All count as changed. Entering them anew must not cost the only copy.
	const changed = await database.read((reader) => database.vectorTable.changed(reader, 10));
	expect(changed).toEqual(["kept", "lost"]);
	await database.write((writer) => database.vectorTable.put(writer, changed));
	await database.write((writer) => database.vectorTable.restore(writer, lost));
	const rows = await database.read((reader) => reader.all(sql`SELECT id, vector FROM embeddings`));
	expect(rows).toEqual([{ id: "kept", vector: bytes }]);
	await database.close();
});
