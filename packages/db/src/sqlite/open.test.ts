import { Database as SqliteFile } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import sql from "sql-template-tag";
import { openSqlite } from "./open.ts";
import { migrationChecksum } from "./schema/bookkeeping.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { OWN_SCHEMA_VERSION } from "./schema/verified.ts";

let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signet-open-"));
	file = join(folder, "memories.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
	openSqlite({
		file,
		world: seededWorld(),
		vectorTable: { libraryFile: undefined, cacheFolder: folder },
		onDerivationFailure: (error) => expect(error).toBeNull(),
	});

/** Open, close, and look at the file with nothing of ours in between. */
async function opened<T>(look: (db: SqliteFile) => T): Promise<T> {
	await (await open()).database.close();
	const db = new SqliteFile(file, { readonly: true });
	try {
		return look(db);
	} finally {
		db.close();
	}
}

function make(statements: readonly string[]): void {
	const db = new SqliteFile(file, { create: true });
	for (const statement of statements) db.run(statement);
	db.close();
}

const versions = (db: SqliteFile) =>
	db.query<{ version: number; checksum: string }, []>("SELECT version, checksum FROM schema_migrations").all();
const found = (db: SqliteFile, word: string) =>
	db
		.query<{ id: string }, [string]>(
			"SELECT m.id FROM memories_fts f JOIN memories m ON m.rowid = f.rowid WHERE memories_fts MATCH ?",
		)
		.all(word)
		.map(({ id }) => id);
const backups = () => readdirSync(folder).filter((name) => name.includes(".bak-v"));
const digest = () => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("a new file", () => {
	test("records the fifteen migrations with the checksums of the reference", async () => {
		const recorded = await opened(versions);
		expect(recorded.map(({ version }) => version)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
		expect(recorded.map(({ checksum }) => checksum)).toEqual(
			"-d014c92 -71a9d1c1 635f2097 -35c6442f 1530c8bd 3a33159f -4b0d52ec -79cf5945 -4a347442 6e5e6737 15eb8fd2 75b24315 398a4398 3e9bbb22 5285ad4c".split(
				" ",
			),
		);
		expect(backups()).toEqual([]);
	});

	test("is in WAL mode with the reference's header values", async () => {
		const pragmas = await opened((db) =>
			["journal_mode", "page_size", "user_version", "application_id", "auto_vacuum"].map(
				(name) => Object.values(db.query(`PRAGMA ${name}`).get() as object)[0],
			),
		);
		expect(pragmas).toEqual(["wal", 4096, 0, 0, 0]);
	});

	test("opens again without a change", async () => {
		await opened(() => undefined);
		const before = digest();
		const audited = await opened((db) => db.query("SELECT count(*) AS n FROM schema_migrations_audit").get());
		expect(audited).toEqual({ n: 15 });
		expect(digest()).toBe(before);
	});
});

const PYTHON = [
	"CREATE TABLE memories (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, who TEXT NOT NULL, why TEXT, created_at TEXT NOT NULL, project TEXT, session_id TEXT, importance REAL DEFAULT 0.5, last_accessed TEXT, access_count INTEGER DEFAULT 0, type TEXT DEFAULT 'fact', tags TEXT, pinned INTEGER DEFAULT 0)",
	"CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=id)",
	"CREATE TRIGGER memories_ai AFTER INSERT ON memories BEGIN INSERT INTO memories_fts(rowid, content) VALUES (new.id, new.content); END",
	"INSERT INTO memories (content, who, why, created_at, project, session_id, importance, access_count, tags) VALUES ('The garage door uses a rolling code', 'ana', 'explicit', '2025-06-01 08:00:00', 'home', 'sess-1', 0.7, 4, 'home,door')",
	"INSERT INTO memories (content, who, created_at, importance, type, pinned) VALUES ('Never share the gate code', 'ben', '2025-06-02 08:00:00', 1.0, 'rule', 1)",
];

describe("old files", () => {
	test("the Python schema is converted row for row, with who, why, project and session", async () => {
		make(PYTHON);
		const rows = await opened((db) =>
			db
				.query(
					"SELECT id, content, who, why, project, source_id, source_type, tags, pinned, access_count FROM memories ORDER BY id",
				)
				.all(),
		);
		expect(rows).toEqual([
			{
				id: "migrated_1",
				content: "The garage door uses a rolling code",
				who: "ana",
				why: "explicit",
				project: "home",
				source_id: "sess-1",
				source_type: "session",
				tags: "home,door",
				pinned: 0,
				access_count: 4,
			},
			{
				id: "migrated_2",
				content: "Never share the gate code",
				who: "ben",
				why: null,
				project: null,
				source_id: null,
				source_type: null,
				tags: null,
				pinned: 1,
				access_count: 0,
			},
		]);
		expect(await opened((db) => found(db, "garage"))).toEqual(["migrated_1"]);
	});

	test("the first command line's schema is converted with its ids", async () => {
		make([
			"CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, type TEXT, source TEXT, importance REAL, tags TEXT, created_at TEXT NOT NULL, updated_at TEXT, accessed_at TEXT, access_count INTEGER)",
			"INSERT INTO memories VALUES ('mem_1', 'The printer is upstairs', NULL, 'notes.md', 0.4, '[]', '2025-01-01T00:00:00Z', NULL, '2025-02-01T00:00:00Z', 3)",
		]);
		const row = await opened((db) =>
			db.query("SELECT id, type, source_id, source_type, last_accessed, updated_at FROM memories").get(),
		);
		expect(row).toEqual({
			id: "mem_1",
			type: "fact",
			source_id: "notes.md",
			source_type: "import",
			last_accessed: "2025-02-01T00:00:00Z",
			updated_at: "2025-01-01T00:00:00Z",
		});
		expect(await opened((db) => found(db, "printer"))).toEqual(["mem_1"]);
	});

	test("a file stamped by the early command line without being migrated starts over", async () => {
		make([
			"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, checksum TEXT NOT NULL)",
			"INSERT INTO schema_migrations VALUES (2, '2025-12-01', 'quick-setup')",
			"CREATE TABLE memories (id TEXT PRIMARY KEY, type TEXT NOT NULL DEFAULT 'fact', category TEXT, content TEXT NOT NULL, confidence REAL DEFAULT 1.0, source_id TEXT, source_type TEXT, tags TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, updated_by TEXT NOT NULL, vector_clock TEXT NOT NULL DEFAULT '{}')",
			"INSERT INTO memories (id, content, created_at, updated_at, updated_by) VALUES ('a', 'An early memory', '2025-12-01', '2025-12-01', 'setup')",
		]);
		const { recorded, row } = await opened((db) => ({
			recorded: versions(db).length,
			row: db.query("SELECT content, pinned, access_count, is_deleted FROM memories").get(),
		}));
		expect(recorded).toBe(15);
		expect(row).toEqual({ content: "An early memory", pinned: 0, access_count: 0, is_deleted: 0 });
		expect(await opened((db) => found(db, "early"))).toEqual(["a"]);
	});

	test("bookkeeping without checksums gets them", async () => {
		make([
			"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)",
			"INSERT INTO schema_migrations VALUES (1, '2025-12-01')",
		]);
		const recorded = await opened(versions);
		expect(recorded[0]).toEqual({ version: 1, checksum: "migrated" });
		expect(recorded).toHaveLength(15);
	});

	test("recorded migrations whose tables are missing are done again, not recorded again", async () => {
		await opened(() => undefined);
		const db = new SqliteFile(file);
		db.run("DROP TABLE session_memories");
		db.run("DROP INDEX idx_memories_content_hash_unique");
		db.run("DROP TABLE memories_fts");
		db.close();
		const { audited, names } = await opened((file) => ({
			audited: file.query("SELECT count(*) AS n FROM schema_migrations_audit").get(),
			names: file
				.query(
					"SELECT name FROM sqlite_master WHERE name IN ('session_memories', 'idx_memories_content_hash_unique', 'memories_fts')",
				)
				.all(),
		}));
		expect(audited).toEqual({ n: 15 });
		expect(names).toHaveLength(3);
	});

	test("a full-text table that was made over rows and never filled is filled", async () => {
		await opened(() => undefined);
		const db = new SqliteFile(file);
		db.run("INSERT INTO memories (id, content, created_at, updated_at) VALUES ('a', 'A lighthouse', '2026', '2026')");
		db.run("DROP TABLE memories_fts");
		db.run("CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid)");
		db.close();
		expect(await opened((file) => found(file, "lighthouse"))).toEqual(["a"]);
	});

	test("a stemmed full-text table is made anew", async () => {
		make([
			"CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid, tokenize='porter')",
		]);
		const definition = await opened(
			(db) => db.query<{ sql: string }, []>("SELECT sql FROM sqlite_master WHERE name = 'memories_fts'").get()?.sql,
		);
		expect(definition).not.toContain("porter");
	});

	test("counting an access does not rewrite the full-text index", async () => {
		const { database } = await open();
		await database.write((writer) =>
			writer.run(sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES ('a', 'x', '2026', '2026')`),
		);
		const changes = await database.write((writer) => writer.run(sql`UPDATE memories SET access_count = 1`));
		const blocks = () =>
			database.read((reader) => reader.get<{ n: number }>(sql`SELECT sum(length(block)) AS n FROM memories_fts_data`));
		const before = await blocks();
		await database.write((writer) => writer.run(sql`UPDATE memories SET access_count = 2`));
		expect(changes).toBe(1);
		expect(await blocks()).toEqual(before as { n: number });
		await database.close();
	});
});

describe("before a file is upgraded", () => {
	test("a complete copy is made, and only the five newest are kept", async () => {
		make(PYTHON);
		for (let i = 0; i < 6; i++) writeFileSync(`${file}.bak-v0-${i}`, "old");
		await opened(() => undefined);
		const made = backups().find((name) => readFileSync(join(folder, name)).length > 3) ?? "";
		expect(made).toMatch(/^memories\.db\.bak-v0-\d+$/);
		expect(backups()).toHaveLength(5);
		const copy = new SqliteFile(join(folder, made), { readonly: true });
		expect(copy.query("SELECT count(*) AS n FROM memories").get()).toEqual({ n: 2 });
		copy.close();
	});

	test("what is only in the write-ahead log gets into the copy", async () => {
		const db = new SqliteFile(file, { create: true });
		db.run("PRAGMA journal_mode = WAL");
		for (const statement of PYTHON) db.run(statement);
		const { backup = "", database } = await open();
		await database.close();
		const copy = new SqliteFile(backup, { readonly: true });
		expect(copy.query("SELECT count(*) AS n FROM memories").get()).toEqual({ n: 2 });
		copy.close();
		db.close();
	});

	test("a migration that fails leaves the file byte for byte as it was", async () => {
		make([
			"CREATE TABLE memories (id TEXT PRIMARY KEY, category TEXT, content TEXT NOT NULL, confidence REAL, source_id TEXT, vector_clock TEXT, created_at TEXT NOT NULL)",
			"INSERT INTO memories (id, content, created_at) VALUES ('a', 'x', '2026')",
			// The name of an index that a migration makes, taken by something else.
			"CREATE TABLE idx_documents_status (x)",
			"CREATE TABLE documents (id TEXT PRIMARY KEY)",
			"CREATE VIEW telemetry_events AS SELECT 1 AS id",
		]);
		const before = digest();
		expect(open()).rejects.toThrow(StartupError);
		await open().catch(() => undefined);
		expect(digest()).toBe(before);
	});
});

describe("files that are not for us stay as they are", () => {
	async function refusal(): Promise<StartupError> {
		const before = existsSync(file) && statSync(file).isFile() ? digest() : "";
		try {
			await open();
		} catch (error) {
			if (before) expect(digest()).toBe(before);
			if (error instanceof StartupError) return error;
			throw error;
		}
		throw new Error("it was opened");
	}

	test("no database", async () => {
		writeFileSync(file, "this is a diary, not a database, and long enough to be one");
		expect((await refusal()).message).toContain("is no SQLite database");
	});

	test("a damaged one", async () => {
		await opened(() => undefined);
		const bytes = readFileSync(file);
		bytes.fill(0xff, 100, 4096);
		writeFileSync(file, bytes);
		const { message, advice } = await refusal();
		expect(message).toContain("is damaged");
		expect(advice).toContain("backup");
	});

	test("one of another program", async () => {
		make(["CREATE TABLE photos (id)"]);
		expect((await refusal()).message).toContain("another program");
	});

	test("one with a foreign memories table", async () => {
		make(["CREATE TABLE memories (title TEXT)"]);
		expect((await refusal()).message).toContain("no version of Signet made");
	});

	test("one that was used by a later version of this program", async () => {
		await opened(() => undefined);
		make(["INSERT INTO sgn_migrations VALUES (99, 'future', '2030')", "CREATE TABLE sgn_future (x)"]);
		expect((await refusal()).message).toContain("later version of Signet");
	});

	test("one of a later reference that demands what we do not know", async () => {
		await opened(() => undefined);
		make([
			"INSERT INTO schema_migrations VALUES (64, '2026', 'x')",
			"ALTER TABLE memories RENAME TO m",
			"CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, created_at TEXT NOT NULL, tenant TEXT NOT NULL)",
		]);
		const { message } = await refusal();
		expect(message).toContain("records schema version 64");
		expect(message).toContain("memories.tenant must be filled");
	});

	test("a folder instead of a file", async () => {
		mkdirSync(file);
		expect((await refusal()).message).toContain(file);
	});

	test("a folder that cannot be made", async () => {
		writeFileSync(join(folder, "in-the-way"), "");
		file = join(folder, "in-the-way", "memories.db");
		expect((await refusal()).advice).toContain("SIGNET_PATH");
	});
});

test("a later reference's file with everything we need opens", async () => {
	await opened(() => undefined);
	make([
		"INSERT INTO schema_migrations VALUES (43, '2026', 'x')",
		"ALTER TABLE memories ADD COLUMN agent_id TEXT NOT NULL DEFAULT 'default'",
		"DROP INDEX idx_memories_content_hash_unique",
		"CREATE UNIQUE INDEX idx_memories_content_hash_unique_v2 ON memories(content_hash, agent_id) WHERE is_deleted = 0",
	]);
	const names = await opened((db) =>
		db.query("SELECT name FROM sqlite_master WHERE name = 'idx_memories_content_hash_unique'").all(),
	);
	expect(names).toEqual([]);
});

test("checksums are those of the reference", () => {
	expect(MIGRATIONS.map(({ version, name }) => migrationChecksum(version, name)).slice(0, 3)).toEqual([
		"-d014c92",
		"-71a9d1c1",
		"635f2097",
	]);
});

test("the number of our own migrations is the one that an ordinary start looks for", async () => {
	const latest = await opened((db) => db.query("SELECT max(version) AS n FROM sgn_migrations").get());
	expect(latest).toEqual({ n: OWN_SCHEMA_VERSION });
});
