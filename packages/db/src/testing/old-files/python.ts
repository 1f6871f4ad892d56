import type { Database } from "bun:sqlite";
import { insertTexts, memoriesNamed, type OldFile, TEXTS } from "./old-file.ts";

/** Files of the scripts that came before any daemon. */

const FULL_TEXT_BY_ID = [
	"CREATE VIRTUAL TABLE memories_fts USING fts5(content, tags, content=memories, content_rowid=id)",
	`CREATE TRIGGER memories_ai AFTER INSERT ON memories BEGIN
		INSERT INTO memories_fts(rowid, content, tags) VALUES (new.id, new.content, new.tags);
	END`,
	`CREATE TRIGGER memories_ad AFTER DELETE ON memories BEGIN
		INSERT INTO memories_fts(memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
	END`,
	`CREATE TRIGGER memories_au AFTER UPDATE ON memories BEGIN
		INSERT INTO memories_fts(memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
		INSERT INTO memories_fts(rowid, content, tags) VALUES (new.id, new.content, new.tags);
	END`,
];

function makeNumbered(db: Database, columns: string): void {
	db.run(`CREATE TABLE memories (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, who TEXT NOT NULL,
		why TEXT, created_at TEXT NOT NULL, tags TEXT${columns})`);
}

const insertNumbered = (db: Database) =>
	insertTexts(
		db,
		"INSERT INTO memories (content, who, why, created_at, tags) VALUES (?, 'ana', 'explicit', ?, ?)",
		(at) => [TEXTS[at]?.content ?? "", TEXTS[at]?.createdAt ?? "", TEXTS[at]?.tags ?? null],
	);

export const python: OldFile = {
	name: "Python schema, full text bound to id",
	memories: memoriesNamed((n) => `migrated_${n}`),
	kept: [{ query: "SELECT group_concat(DISTINCT who || ' ' || why) AS value FROM memories", value: "ana explicit" }],
	make(db) {
		makeNumbered(
			db,
			", project TEXT, session_id TEXT, importance REAL DEFAULT 0.5, last_accessed TEXT, access_count INTEGER DEFAULT 0, type TEXT DEFAULT 'fact', pinned INTEGER DEFAULT 0",
		);
		for (const statement of FULL_TEXT_BY_ID) db.run(statement);
		insertNumbered(db);
	},
};

export const pythonWithFewColumns: OldFile = {
	name: "Python schema without most columns",
	memories: memoriesNamed((n) => `migrated_${n}`),
	make(db) {
		makeNumbered(db, "");
		insertNumbered(db);
	},
};

export const pythonWithMore: OldFile = {
	name: "Python schema with columns, an index, a view and a foreign key of another program",
	memories: memoriesNamed((n) => `migrated_${n}`),
	kept: [
		{ query: 'SELECT group_concat(DISTINCT mood || "the place") AS value FROM memories', value: "calmhere" },
		{ query: "SELECT DISTINCT confidence AS value FROM memories", value: 0.25 },
		{ query: "SELECT count(*) AS value FROM spoken", value: 3 },
		{ query: `SELECT "table" AS value FROM pragma_foreign_key_list('links')`, value: "memories" },
		{ query: "SELECT tbl_name AS value FROM sqlite_master WHERE name = 'my_moods'", value: "memories" },
	],
	make(db) {
		makeNumbered(
			db,
			`, mood TEXT DEFAULT 'calm', "the place" TEXT NOT NULL DEFAULT 'here', confidence REAL DEFAULT 0.25`,
		);
		db.run("CREATE INDEX my_moods ON memories(mood, who)");
		db.run("CREATE VIEW spoken AS SELECT content, who FROM memories");
		db.run("CREATE TABLE links (memory_id INTEGER REFERENCES memories(id), url TEXT)");
		db.run("INSERT INTO links VALUES (1, 'https://example.com')");
		insertNumbered(db);
	},
};

export const numbered: OldFile = {
	name: "numbers for ids, spelled otherwise and without who and why",
	memories: memoriesNamed((n) => `migrated_${n}`).map((memory) => ({ ...memory, tags: null })),
	make(db) {
		db.run(`CREATE TABLE memories ("id" integer primary key, content TEXT, created_at TEXT)`);
		insertTexts(db, "INSERT INTO memories (content, created_at) VALUES (?, ?)", (at) => [
			TEXTS[at]?.content ?? "",
			TEXTS[at]?.createdAt ?? "",
		]);
	},
};

export const pythonMigrated: OldFile = {
	name: "Python schema after its own migrations",
	memories: memoriesNamed((n) => `mem-${n}`),
	kept: [
		{ query: "SELECT count(*) AS value FROM conflict_log", value: 1 },
		{ query: "SELECT session_id AS value FROM memories WHERE id = 'mem-1'", value: "session" },
	],
	make(db) {
		db.run(`CREATE TABLE memories (id TEXT PRIMARY KEY, type TEXT NOT NULL DEFAULT 'fact', category TEXT,
			content TEXT NOT NULL, confidence REAL DEFAULT 1.0, source_id TEXT, source_type TEXT, tags TEXT,
			created_at TEXT NOT NULL, updated_at TEXT NOT NULL, updated_by TEXT NOT NULL,
			vector_clock TEXT NOT NULL DEFAULT '{}', version INTEGER DEFAULT 1, manual_override INTEGER DEFAULT 0,
			session_id TEXT, who TEXT, why TEXT, project TEXT, importance REAL DEFAULT 0.5, pinned INTEGER DEFAULT 0,
			last_accessed TEXT, access_count INTEGER DEFAULT 0)`);
		db.run("CREATE TABLE conflict_log (id INTEGER PRIMARY KEY, memory_id TEXT)");
		db.run("INSERT INTO conflict_log (memory_id) VALUES ('mem-1')");
		db.run("CREATE INDEX idx_memories_updated ON memories(updated_at)");
		db.run("CREATE INDEX idx_memories_source ON memories(source_type, source_id)");
		db.run(`CREATE TABLE embeddings (id TEXT PRIMARY KEY, content_hash TEXT NOT NULL UNIQUE, vector BLOB NOT NULL,
			dimensions INTEGER NOT NULL, source_type TEXT NOT NULL, source_id TEXT NOT NULL, chunk_text TEXT NOT NULL,
			created_at TEXT NOT NULL)`);
		db.run("CREATE INDEX idx_embeddings_dims ON embeddings(dimensions)");
		db.run(
			"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, checksum TEXT NOT NULL)",
		);
		for (let version = 1; version <= 5; version++) {
			db.run("INSERT INTO schema_migrations VALUES (?, '2025-12-01', '0123456789abcdef')", [version]);
		}
		insertTexts(
			db,
			`INSERT INTO memories (id, content, tags, created_at, updated_at, updated_by, session_id)
			VALUES (?, ?, ?, ?, ?, 'ana', 'session')`,
			(at) => {
				const { content = "", tags = null, createdAt = "" } = TEXTS[at] ?? {};
				return [`mem-${at + 1}`, content, tags, createdAt, createdAt];
			},
		);
		// Bound to an id that was a number once: it follows nothing any more.
		db.run("CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=id)");
	},
};
