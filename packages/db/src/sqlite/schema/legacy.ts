import type { Database } from "bun:sqlite";
import { StartupError } from "@signet/core";
import { REFERENCE_TABLES } from "./reference-tables.ts";
import type { Structure } from "./structure.ts";

/**
 * The kinds of `memories` table that programs of this name have made. `python`: integer ids and `who`/`why`, by the
 * scripts that came first; `cli-v1`: `source` and `accessed_at`, by the first command line.
 */
export type MemoriesKind = "none" | "core" | "python" | "cli-v1";

/** Recognise the table. Throws when it is none of ours. */
export function memoriesKind(structure: Structure): MemoriesKind {
	const has = (...columns: string[]) => structure.hasColumns("memories", columns);
	if (!structure.has("memories")) return "none";
	if (has("category", "confidence", "source_id", "vector_clock")) return "core";
	if (has("who", "why") && /\bid\s+integer/i.test(structure.definitionOf("memories"))) return "python";
	if (has("source", "accessed_at")) return "cli-v1";
	if (has("id", "content", "created_at")) return "core";
	throw new StartupError(
		"The database has a table `memories` that no version of Signet made (it lacks id, content or created_at)",
		"Set SIGNET_PATH to another workspace, or move memory/memories.db away. Nothing was changed.",
	);
}

/** Each column of the new table by an expression over the old one. */
type Conversion = Readonly<Record<string, string>>;

const FROM_PYTHON: Conversion = {
	id: "'migrated_' || id",
	type: "COALESCE(NULLIF(type, ''), 'fact')",
	category: "project",
	content: "content",
	importance: "COALESCE(importance, 0.5)",
	source_id: "session_id",
	source_type: "CASE WHEN session_id IS NULL THEN NULL ELSE 'session' END",
	tags: "tags",
	who: "who",
	why: "why",
	project: "project",
	created_at: "created_at",
	updated_at: "COALESCE(last_accessed, created_at)",
	updated_by: "COALESCE(NULLIF(who, ''), 'migration')",
	last_accessed: "last_accessed",
	access_count: "COALESCE(access_count, 0)",
	pinned: "COALESCE(pinned, 0)",
};

const FROM_CLI_V1: Conversion = {
	id: "id",
	type: "COALESCE(NULLIF(type, ''), 'fact')",
	content: "content",
	importance: "COALESCE(importance, 0.5)",
	source_id: "source",
	source_type: "CASE WHEN source IS NULL THEN NULL ELSE 'import' END",
	tags: "tags",
	created_at: "created_at",
	updated_at: "COALESCE(updated_at, created_at)",
	updated_by: "'migration'",
	last_accessed: "accessed_at",
	access_count: "COALESCE(access_count, 0)",
};

/** Columns that some files of the kind lack; NULL stands in for them. */
const OPTIONAL_COLUMNS = [
	"session_id",
	"project",
	"importance",
	"last_accessed",
	"access_count",
	"type",
	"tags",
	"pinned",
	"updated_at",
];

/**
 * Turn an old table into the form that the first migration makes, row for row. Belongs inside a transaction; throws
 * when a row would be lost.
 */
export function convertLegacy(db: Database, structure: Structure, kind: "python" | "cli-v1"): void {
	const conversion = kind === "python" ? FROM_PYTHON : FROM_CLI_V1;
	const standIns = OPTIONAL_COLUMNS.filter((column) => !structure.hasColumn("memories", column));
	const old = `(SELECT rowid AS place, *${standIns.map((column) => `, NULL AS ${column}`).join("")} FROM sgn_converted)`;
	for (const trigger of ["memories_ai", "memories_ad", "memories_au"]) structure.drop("TRIGGER", trigger);
	structure.drop("TABLE", "memories_fts");
	const rows = countRows(db, "memories");
	db.run("ALTER TABLE memories RENAME TO sgn_converted");
	db.run(createFirstMemories());
	db.run(
		`INSERT INTO memories (${Object.keys(conversion).join(", ")})
		SELECT ${Object.values(conversion).join(", ")} FROM ${old} ORDER BY place`,
	);
	const converted = countRows(db, "memories");
	if (converted !== rows) throw new Error(`${rows} old memories became ${converted}`);
	db.run("DROP TABLE sgn_converted");
	if (structure.has("schema_migrations")) db.run("DELETE FROM schema_migrations");
}

function createFirstMemories(): string {
	const table = REFERENCE_TABLES.find(({ name }) => name === "memories");
	const columns = table?.columns.filter(({ since }) => since === undefined) ?? [];
	return `CREATE TABLE memories (${columns.map(({ name, definition }) => `${name} ${definition}`).join(", ")})`;
}

function countRows(db: Database, table: string): number {
	return db.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows ?? 0;
}
