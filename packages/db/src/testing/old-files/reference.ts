import type { Database } from "bun:sqlite";
import { ensureFullText } from "../../sqlite/full-text.ts";
import { ensureBookkeeping, migrationChecksum, recordMigration } from "../../sqlite/schema/bookkeeping.ts";
import { applyMigration, MIGRATIONS } from "../../sqlite/schema/migrations.ts";
import { Structure } from "../../sqlite/schema/structure.ts";
import { insertTexts, memoriesNamed, type OldFile, type OldMemory, TEXTS } from "./old-file.ts";

/** Files of the reference at its fifteenth migration, with what has been found wrong in them, and of later versions. */

const AT = "2026-02-01T00:00:00.000Z";
const FORGOTTEN: OldMemory = { id: "m4", content: "The old gate code", tags: null, createdAt: AT, isForgotten: true };
const MEMORIES = [...memoriesNamed((n) => `m${n}`), FORGOTTEN];

function makeReference(db: Database): void {
	const structure = new Structure(db);
	ensureBookkeeping(db, structure);
	for (const migration of MIGRATIONS) {
		applyMigration(db, structure, migration);
		const { version, name } = migration;
		recordMigration(db, { version, checksum: migrationChecksum(version, name), appliedAt: AT, durationMs: 1 });
	}
	ensureFullText(db, structure);
	// As the reference has it: it fires for every column.
	db.run("DROP TRIGGER memories_au");
	db.run(`CREATE TRIGGER memories_au AFTER UPDATE ON memories BEGIN
		INSERT INTO memories_fts(memories_fts, rowid, content) VALUES('delete', old.rowid, old.content);
		INSERT INTO memories_fts(rowid, content) VALUES (new.rowid, new.content);
	END`);
	insertTexts(
		db,
		"INSERT INTO memories (id, content, tags, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, 'ana')",
		(at) => {
			const { content = "", tags = null, createdAt = "" } = TEXTS[at] ?? {};
			return [`m${at + 1}`, content, tags, createdAt, createdAt];
		},
	);
	db.run(
		`INSERT INTO memories (id, content, is_deleted, deleted_at, created_at, updated_at, updated_by)
		VALUES (?, ?, 1, ?, ?, ?, 'ana')`,
		[FORGOTTEN.id, FORGOTTEN.content, AT, AT, AT],
	);
}

/** A vector of the content of the first memory, as the reference keeps it. */
function insertEmbedding(db: Database): void {
	db.run(
		`INSERT INTO embeddings (id, content_hash, vector, dimensions, source_type, source_id, chunk_text, created_at)
		VALUES ('e1', 'a hash', ?, 3, 'memory', 'm1', '', ?)`,
		[new Uint8Array(Float32Array.of(1, 0, 0).buffer), AT],
	);
}

/** The reference's file, and then something happens to it. */
function reference(name: string, change: (db: Database) => void, more: Partial<OldFile> = {}): OldFile {
	return {
		name,
		memories: MEMORIES,
		hasLog: true,
		...more,
		make(db) {
			makeReference(db);
			change(db);
		},
	};
}

function run(...statements: string[]): (db: Database) => void {
	return (db) => {
		for (const statement of statements) db.run(statement);
	};
}

export const REFERENCE_FILES: readonly OldFile[] = [
	reference("the reference, rows without hashes", () => undefined),
	reference(
		"the reference, two memories of one content without hashes",
		run(`INSERT INTO memories (id, content, created_at, updated_at, updated_by)
			SELECT 'twin', upper(content) || '!', created_at, updated_at, 'ben' FROM memories WHERE id = 'm1'`),
		{
			memories: [
				...MEMORIES,
				{ id: "twin", content: `${TEXTS[0].content.toUpperCase()}!`, tags: null, createdAt: TEXTS[0].createdAt },
			],
		},
	),
	reference("the reference, a full-text table that was never filled", (db) => {
		run(
			"DROP TABLE memories_fts",
			"CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid)",
		)(db);
	}),
	reference("the reference, a stemmed full-text table", (db) => {
		run(
			"DROP TABLE memories_fts",
			"CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid, tokenize='porter unicode61')",
			"INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')",
		)(db);
	}),
	reference("the reference, a full-text table that has the tags too", (db) => {
		run(
			"DROP TABLE memories_fts",
			"CREATE VIRTUAL TABLE memories_fts USING fts5(content, tags, content=memories, content_rowid=rowid)",
			"INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')",
		)(db);
	}),
	reference(
		"the reference, after another program has made the table of memories anew",
		(db) => {
			run(
				"DELETE FROM memories WHERE id = 'm1'",
				"CREATE TABLE again AS SELECT * FROM memories ORDER BY id DESC",
				"INSERT INTO again (id, content, created_at, updated_at) SELECT id, 'Said twice', created_at, '' FROM again WHERE id = 'm2'",
				"DROP TABLE memories",
				"ALTER TABLE again RENAME TO memories",
			)(db);
		},
		{
			memories: [
				...MEMORIES.slice(1),
				{ id: "m2_4", content: "Said twice", tags: null, createdAt: TEXTS[1].createdAt },
			],
		},
	),
	reference("the reference, after another program has put the table of memories aside", (db) => {
		run("ALTER TABLE memories RENAME TO memories_old", "CREATE TABLE memories AS SELECT * FROM memories_old")(db);
	}),
	reference(
		"the reference, without the index of keys and with two memories of one",
		(db) => {
			run(
				"DROP INDEX idx_memories_idempotency_key",
				"UPDATE memories SET idempotency_key = 'k' WHERE id IN ('m2', 'm3')",
			)(db);
		},
		{ kept: [{ query: "SELECT id AS value FROM memories WHERE idempotency_key = 'k'", value: "m2" }] },
	),
	reference("the reference, embeddings without a usable vector", (db) => {
		makeNullableVectors(db);
		for (const [at, vector] of [null, new Uint8Array(), new Uint8Array(5), "text"].entries()) {
			db.run("INSERT INTO embeddings VALUES (?, ?, ?, 3, 'memory', ?, '', ?)", [
				`e${at}`,
				`h${at}`,
				vector,
				`m${at}`,
				AT,
			]);
		}
	}),
	reference("the reference, whose vectors another program has dropped", (db) => {
		insertEmbedding(db);
		run(
			"DROP INDEX idx_embeddings_content_hash_unique",
			"ALTER TABLE embeddings DROP COLUMN vector",
			"CREATE INDEX idx_embeddings_hash ON embeddings(content_hash)",
		)(db);
	}),
	reference(
		"the reference, recorded migrations that are not there",
		run(
			"DROP TABLE session_memories",
			"DROP TABLE telemetry_events",
			"DROP INDEX idx_memories_content_hash_unique",
			"ALTER TABLE session_scores DROP COLUMN confidence",
		),
	),
	reference(
		"the reference, with a gap in what it records",
		run("DELETE FROM schema_migrations WHERE version IN (3, 9)", "DROP TABLE summary_jobs"),
	),
	reference(
		"the reference, with tables and columns of another program",
		run(
			"ALTER TABLE memories ADD COLUMN mood TEXT",
			"UPDATE memories SET mood = 'calm' WHERE id = 'm1'",
			"CREATE TABLE photos (id INTEGER PRIMARY KEY, name TEXT)",
			"INSERT INTO photos (name) VALUES ('harbour.jpg')",
		),
		{
			kept: [
				{ query: "SELECT mood AS value FROM memories WHERE id = 'm1'", value: "calm" },
				{ query: "SELECT name AS value FROM photos", value: "harbour.jpg" },
			],
		},
	),
	reference("the reference, in the midst of being used", (db) => {
		insertEmbedding(db);
		run(
			`INSERT INTO memory_history (id, memory_id, event, changed_by, created_at) VALUES ('h1', 'system', 'none', 'x', '${AT}')`,
			`INSERT INTO memory_jobs (id, memory_id, job_type, status, leased_at, created_at, updated_at)
			VALUES ('j1', 'm1', 'extract', 'leased', '${AT}', '${AT}', '${AT}')`,
		)(db);
	}),
	later("a later version of the reference, 43", 43, [
		"ALTER TABLE memories ADD COLUMN agent_id TEXT NOT NULL DEFAULT 'default'",
		"ALTER TABLE memories ADD COLUMN visibility TEXT NOT NULL DEFAULT 'global'",
		"ALTER TABLE memories ADD COLUMN scope TEXT",
		"DROP INDEX idx_memories_content_hash_unique",
		`CREATE UNIQUE INDEX idx_memories_content_hash_unique ON memories(content_hash, COALESCE(agent_id, 'default'),
			COALESCE(scope, '__NULL__')) WHERE content_hash IS NOT NULL AND is_deleted = 0`,
		`CREATE TABLE memory_jobs_new (id TEXT PRIMARY KEY, memory_id TEXT, job_type TEXT NOT NULL,
			status TEXT NOT NULL DEFAULT 'pending', payload TEXT, result TEXT, attempts INTEGER DEFAULT 0,
			max_attempts INTEGER DEFAULT 3, leased_at TEXT, completed_at TEXT, failed_at TEXT, error TEXT,
			created_at TEXT NOT NULL, updated_at TEXT NOT NULL, document_id TEXT)`,
		"DROP TABLE memory_jobs",
		"ALTER TABLE memory_jobs_new RENAME TO memory_jobs",
		"CREATE TABLE agents (id TEXT PRIMARY KEY, name TEXT, read_policy TEXT)",
		"INSERT INTO agents VALUES ('default', 'default', 'shared')",
	]),
	reference("a later version of the reference, whose vectors have no unique hash", (db) => {
		makeNullableVectors(db);
		db.run(`INSERT INTO schema_migrations VALUES (63, '${AT}', 'later')`);
		db.run("DROP TABLE umap_cache");
	}),
	later("a later version of the reference, 63", 63, [
		"ALTER TABLE memories ADD COLUMN agent_id TEXT NOT NULL DEFAULT 'default'",
		"ALTER TABLE memories ADD COLUMN superseded_by TEXT",
		"CREATE TABLE memory_hints (id TEXT PRIMARY KEY, memory_id TEXT, hint TEXT)",
		"CREATE VIRTUAL TABLE memory_hints_fts USING fts5(hint, content='memory_hints', content_rowid='rowid')",
		`CREATE TRIGGER memory_hints_ai AFTER INSERT ON memory_hints BEGIN
			INSERT INTO memory_hints_fts(rowid, hint) VALUES (new.rowid, new.hint);
		END`,
		`CREATE TRIGGER memory_hints_ad AFTER DELETE ON memory_hints BEGIN
			INSERT INTO memory_hints_fts(memory_hints_fts, rowid, hint) VALUES ('delete', old.rowid, old.hint);
		END`,
		"INSERT INTO memory_hints SELECT 'hint of ' || id, id, content FROM memories",
		"CREATE TABLE memories_cold (archive_id TEXT PRIMARY KEY, memory_id TEXT, content TEXT, original_row_json TEXT)",
		"INSERT INTO memories_cold SELECT 'cold ' || id, id, content, json_object('content', content) FROM memories",
		"CREATE TABLE agents (id TEXT PRIMARY KEY)",
		"INSERT INTO agents VALUES ('default')",
		"DROP TABLE memories_fts",
		"CREATE VIRTUAL TABLE memories_fts USING fts5(content, content='memories', content_rowid='rowid', tokenize='unicode61')",
		"INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')",
	]),
];

/** As a later version repairs them, and a tool of the reference leaves them. */
function makeNullableVectors(db: Database): void {
	db.run("DROP TABLE embeddings");
	db.run(`CREATE TABLE embeddings (id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, vector BLOB,
		dimensions INTEGER NOT NULL, source_type TEXT NOT NULL, source_id TEXT NOT NULL, chunk_text TEXT NOT NULL,
		created_at TEXT NOT NULL)`);
	db.run("CREATE INDEX idx_embeddings_hash ON embeddings(content_hash)");
}

/** What later migrations add is theirs and stays. */
function later(name: string, version: number, statements: readonly string[]): OldFile {
	const stamps = Array.from(
		{ length: version - 15 },
		(_, at) => `INSERT INTO schema_migrations VALUES (${at + 16}, '${AT}', 'later')`,
	);
	return reference(name, run(...statements, ...stamps), {
		kept: [
			{ query: "SELECT max(version) AS value FROM schema_migrations", value: version },
			{ query: "SELECT id AS value FROM agents", value: "default" },
			{ query: "SELECT agent_id AS value FROM memories WHERE id = 'm1'", value: "default" },
		],
	});
}
