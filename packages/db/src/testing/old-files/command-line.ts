import type { Database } from "bun:sqlite";
import { insertTexts, memoriesNamed, type OldFile, TEXTS } from "./old-file.ts";

/** Files of the first command lines. */

export const commandLine: OldFile = {
	name: "first command line",
	memories: memoriesNamed((n) => `mem_${n}`),
	kept: [
		{
			query: "SELECT source_id || ' ' || source_type AS value FROM memories WHERE id = 'mem_1'",
			value: "notes.md import",
		},
		{ query: "SELECT last_accessed AS value FROM memories WHERE id = 'mem_1'", value: "2025-07-01T00:00:00Z" },
	],
	make(db) {
		db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, type TEXT, source TEXT, importance REAL,
			tags TEXT, created_at TEXT NOT NULL, updated_at TEXT, accessed_at TEXT, access_count INTEGER)`);
		insertTexts(
			db,
			`INSERT INTO memories (id, content, source, tags, created_at, accessed_at)
			VALUES (?, ?, 'notes.md', ?, ?, '2025-07-01T00:00:00Z')`,
			(at) => [`mem_${at + 1}`, TEXTS[at]?.content ?? "", TEXTS[at]?.tags ?? null, TEXTS[at]?.createdAt ?? ""],
		);
	},
};

export const commandLineInline: OldFile = {
	name: "first command line, with columns that were added in passing",
	memories: memoriesNamed((n) => `mem_${n}`),
	kept: [
		{
			query:
				"SELECT pinned || ' ' || who || ' ' || project || ' ' || source_id || ' ' || origin AS value FROM memories",
			value: "1 ana signet notes.md paper",
		},
	],
	make(db) {
		db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, type TEXT, source TEXT, importance REAL,
			tags TEXT, created_at TEXT, updated_at TEXT, accessed_at TEXT, access_count INTEGER,
			pinned INTEGER DEFAULT 1, who TEXT DEFAULT 'ana', project TEXT DEFAULT 'signet', origin TEXT DEFAULT 'paper')`);
		insertTexts(
			db,
			"INSERT INTO memories (id, content, source, tags, created_at) VALUES (?, ?, 'notes.md', ?, ?)",
			(at) => [`mem_${at + 1}`, TEXTS[at]?.content ?? "", TEXTS[at]?.tags ?? null, TEXTS[at]?.createdAt ?? ""],
		);
	},
};

/** SQLite lets a key that is a text be empty. */
export const unnamed: OldFile = {
	name: "unified, with memories that lack an id and times",
	memories: memoriesNamed((n) => `migrated_${n}`).map((memory) => ({
		...memory,
		createdAt: "1970-01-01T00:00:00.000Z",
	})),
	make(db) {
		db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, type TEXT, category TEXT, content TEXT, confidence REAL,
			source_id TEXT, source_type TEXT, tags TEXT, created_at TEXT, updated_at TEXT, updated_by TEXT NOT NULL,
			vector_clock TEXT)`);
		insertTexts(db, "INSERT INTO memories (content, tags, updated_by) VALUES (?, ?, 'x')", (at) => [
			TEXTS[at]?.content ?? "",
			TEXTS[at]?.tags ?? null,
		]);
	},
};

export const demanding: OldFile = {
	name: "unified, with columns that must be filled",
	memories: memoriesNamed((n) => `migrated_${n}`),
	kept: [
		{ query: "SELECT DISTINCT who || ' ' || mood AS value FROM memories WHERE who IS NOT NULL", value: "ana calm" },
	],
	make(db) {
		db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, type TEXT NOT NULL, category TEXT, content TEXT NOT NULL,
			confidence REAL, source_id TEXT, source_type TEXT, tags TEXT, who TEXT NOT NULL, mood TEXT NOT NULL,
			created_at TEXT NOT NULL, updated_at TEXT NOT NULL, updated_by TEXT NOT NULL, vector_clock TEXT NOT NULL)`);
		insertTexts(
			db,
			`INSERT INTO memories (id, type, content, tags, who, mood, created_at, updated_at, updated_by, vector_clock)
			VALUES (?, 'fact', ?, ?, 'ana', 'calm', ?, '2025', 'x', '{}')`,
			(at) => [`migrated_${at + 1}`, TEXTS[at]?.content ?? "", TEXTS[at]?.tags ?? null, TEXTS[at]?.createdAt ?? ""],
		);
	},
};

/** The columns of the first migration. */
function makeCore(db: Database): void {
	db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, type TEXT NOT NULL DEFAULT 'fact', category TEXT,
		content TEXT NOT NULL, confidence REAL DEFAULT 1.0, source_id TEXT, source_type TEXT, tags TEXT,
		created_at TEXT NOT NULL, updated_at TEXT NOT NULL, updated_by TEXT NOT NULL,
		vector_clock TEXT NOT NULL DEFAULT '{}', version INTEGER DEFAULT 1, manual_override INTEGER DEFAULT 0)`);
}

function insertCore(db: Database): void {
	insertTexts(
		db,
		"INSERT INTO memories (id, content, tags, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, 'migration')",
		(at) => {
			const { content = "", tags = null, createdAt = "" } = TEXTS[at] ?? {};
			return [`migrated_${at + 1}`, content, tags, createdAt, createdAt];
		},
	);
}

export const unified: OldFile = {
	name: "unified by the command line, nothing recorded",
	memories: memoriesNamed((n) => `migrated_${n}`),
	make(db) {
		makeCore(db);
		insertCore(db);
		db.run("CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid)");
	},
};

export const halfMigrated: OldFile = {
	name: "stamped as migrated by the setup, and not migrated",
	memories: memoriesNamed((n) => `migrated_${n}`),
	make(db) {
		db.run(
			"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, checksum TEXT NOT NULL)",
		);
		db.run("INSERT INTO schema_migrations VALUES (2, '2025-12-01', 'quick-setup')");
		makeCore(db);
		insertCore(db);
	},
};

export const inlineMigrated: OldFile = {
	name: "version 1 by an early migrator, with three columns",
	memories: memoriesNamed((n) => `m${n}`).map(({ id, content, createdAt }) => ({ id, content, createdAt, tags: null })),
	make(db) {
		db.run(
			"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, checksum TEXT NOT NULL)",
		);
		db.run("INSERT INTO schema_migrations VALUES (1, '2025-12-01', 'inline-migrate')");
		db.run("CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, created_at TEXT NOT NULL)");
		insertTexts(db, "INSERT INTO memories VALUES (?, ?, ?)", (at) => [
			`m${at + 1}`,
			TEXTS[at]?.content ?? "",
			TEXTS[at]?.createdAt ?? "",
		]);
	},
};

export const withoutChecksums: OldFile = {
	name: "bookkeeping without checksums",
	memories: memoriesNamed((n) => `migrated_${n}`),
	make(db) {
		db.run("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
		db.run("INSERT INTO schema_migrations VALUES (1, '2025-12-01')");
		makeCore(db);
		insertCore(db);
	},
};
