import type { Database } from "bun:sqlite";
import { StartupError } from "@signet/core";
import { REFERENCE_INDICES, REFERENCE_TABLES } from "./reference-tables.ts";
import type { Structure } from "./structure.ts";

/**
 * The kinds of `memories` table that programs of this name have made. `numbered`: integer ids, by the scripts that came
 * first; `cli-v1`: `source` and `accessed_at`, by the first command line; `core`: what the migrations go on from.
 */
export type MemoriesKind = "none" | "core" | "numbered" | "cli-v1";

/** Recognise the table. Throws when it is none of ours. */
export function memoriesKind(structure: Structure): MemoriesKind {
	const has = (...columns: string[]) => structure.hasColumns("memories", columns);
	if (!structure.has("memories")) return "none";
	if (has("id", "content") && hasNumbers(structure)) return "numbered";
	if (has("category", "confidence", "source_id", "vector_clock")) return "core";
	if (has("source", "accessed_at")) return "cli-v1";
	if (has("id", "content", "created_at")) return "core";
	throw new StartupError(
		"The database has a table `memories` that no version of Signet made (it lacks id, content or created_at)",
		"Set SIGNET_PATH to another workspace, or move memory/memories.db away. Nothing was changed.",
	);
}

function hasNumbers(structure: Structure): boolean {
	const id = structure.columnsOf("memories").find(({ name }) => name === "id");
	return /int/i.test(id?.type ?? "");
}

/** What every writer of ours gives a memory, so that a file may demand it. */
const ALWAYS_GIVEN = new Set(
	"id type content confidence importance pinned source_type extraction_status is_deleted created_at updated_at updated_by".split(
		" ",
	),
);

/** Columns of `memories` that a new row has to fill and that we may leave out. */
export function demandedColumns(structure: Structure): string[] {
	return structure
		.columnsOf("memories")
		.filter(({ name, isDemanded }) => isDemanded && !ALWAYS_GIVEN.has(name))
		.map(({ name }) => name);
}

/** Whether the file would take two memories of one id: a program that copies a table leaves its key and defaults behind. */
export function lacksKey(structure: Structure): boolean {
	return !structure.columnsOf("memories").some(({ name, isKey }) => name === "id" && isKey);
}

/** Columns of the new table by an expression over the old one; the others are taken over by their names. */
type Conversion = Readonly<Record<string, string>>;

const NO_TIME = "'1970-01-01T00:00:00.000Z'";

const SHARED: Conversion = {
	content: "COALESCE(content, '')",
	type: "COALESCE(NULLIF(type, ''), 'fact')",
	created_at: `COALESCE(created_at, updated_at, last_accessed, accessed_at, ${NO_TIME})`,
	updated_by: "COALESCE(NULLIF(updated_by, ''), NULLIF(who, ''), 'migration')",
};

const FROM_NUMBERED: Conversion = {
	...SHARED,
	id: "'migrated_' || COALESCE(id, sgn_place)",
	category: "COALESCE(category, project)",
	source_id: "COALESCE(source_id, session_id)",
	source_type: "COALESCE(source_type, CASE WHEN session_id IS NULL THEN NULL ELSE 'session' END)",
	updated_at: `COALESCE(updated_at, last_accessed, created_at, ${NO_TIME})`,
};

const FROM_CLI_V1: Conversion = {
	...SHARED,
	id: "COALESCE(id, 'migrated_' || sgn_place)",
	source_id: "COALESCE(source_id, source)",
	source_type: "COALESCE(source_type, CASE WHEN source IS NULL THEN NULL ELSE 'import' END)",
	updated_at: `COALESCE(updated_at, created_at, accessed_at, ${NO_TIME})`,
	last_accessed: "COALESCE(last_accessed, accessed_at)",
};

/** Of the same form, without a key or with columns that must be filled. The first of several keeps the id. */
const FROM_CORE: Conversion = {
	id: `CASE WHEN id IS NULL THEN 'migrated_' || sgn_place
		WHEN ROW_NUMBER() OVER (PARTITION BY id ORDER BY sgn_place) = 1 THEN id ELSE id || '_' || sgn_place END`,
	content: SHARED.content ?? "",
	created_at: SHARED.created_at ?? "",
	updated_at: `COALESCE(updated_at, created_at, ${NO_TIME})`,
};

const CONVERSIONS = { numbered: FROM_NUMBERED, "cli-v1": FROM_CLI_V1, core: FROM_CORE };

/** Columns that the expressions name and some files lack; NULL stands in for them. */
const OPTIONAL_COLUMNS =
	"type category project session_id source source_id source_type who last_accessed accessed_at created_at updated_at updated_by".split(
		" ",
	);

/** Columns that stand under another name afterwards, unless the file had that one besides. */
const RENAMED: Readonly<Record<string, string>> = { source: "source_id", accessed_at: "last_accessed" };

/**
 * Turn an old table into the form that the migrations go on from, row for row, with every column that it has. Belongs
 * inside a transaction, with `legacy_alter_table` on, so that views and foreign keys go on meaning `memories`. Throws when
 * a row would be lost.
 */
export function convertLegacy(db: Database, structure: Structure, kind: "numbered" | "cli-v1" | "core"): void {
	const indices = foreignIndices(db);
	for (const trigger of ["memories_ai", "memories_ad", "memories_au"]) structure.drop("TRIGGER", trigger);
	structure.drop("TABLE", "memories_fts");
	const rows = countRows(db, "memories");
	db.run("ALTER TABLE memories RENAME TO sgn_converted");
	const columns = columnsAfter(structure, CONVERSIONS[kind]);
	db.run(`CREATE TABLE memories (${columns.map(({ name, definition }) => `${name} ${definition}`).join(", ")})`);
	const filled = columns.filter(({ value }) => value !== undefined);
	const standIns = OPTIONAL_COLUMNS.filter((column) => !structure.hasColumn("memories", column));
	db.run(
		`INSERT INTO memories (rowid, ${filled.map(({ name }) => name).join(", ")})
		SELECT sgn_place, ${filled.map(({ value }) => value).join(", ")}
		FROM (SELECT rowid AS sgn_place, *${standIns.map((column) => `, NULL AS ${column}`).join("")} FROM sgn_converted)`,
	);
	const converted = countRows(db, "memories");
	if (converted !== rows) throw new Error(`${rows} old memories became ${converted}`);
	db.run("DROP TABLE sgn_converted");
	for (const index of indices) db.run(index);
	if (kind !== "core" && structure.has("schema_migrations")) db.run("DELETE FROM schema_migrations");
}

interface ConvertedColumn {
	readonly name: string;
	readonly definition: string;
	/** Over the old table; undefined for the default. */
	readonly value: string | undefined;
}

/** Those of the reference that the first migration makes or the file has, and then those of other programs. */
function columnsAfter(structure: Structure, conversion: Conversion): ConvertedColumn[] {
	const known = REFERENCE_TABLES.find(({ name }) => name === "memories")?.columns ?? [];
	const isKnown = new Set(known.map(({ name }) => name));
	const kept = known
		.filter(({ name, since }) => since === undefined || structure.hasColumn("memories", name))
		.map(({ name, definition }) => ({
			name,
			definition,
			value: conversion[name] ?? carried(structure, name, definition),
		}));
	const others = structure
		.columnsOf("memories")
		.filter(
			({ name }) => !isKnown.has(name) && !(name in RENAMED && !structure.hasColumn("memories", RENAMED[name] ?? "")),
		)
		.map(({ name, type, defaultValue }) => {
			const quoted = `"${name.replaceAll('"', '""')}"`;
			const definition = defaultValue === null ? type : `${type} DEFAULT (${defaultValue})`;
			return { name: quoted, definition, value: quoted };
		});
	return [...kept, ...others];
}

/** A column that stays: where it may not be empty any more, with its default. */
function carried(structure: Structure, name: string, definition: string): string | undefined {
	if (!structure.hasColumn("memories", name)) return undefined;
	const fallback = /DEFAULT (.+)$/.exec(definition)?.[1];
	return fallback === undefined ? name : `COALESCE(${name}, ${fallback})`;
}

/** Indices that other programs have put on the table. Ours and the reference's are made anew. */
function foreignIndices(db: Database): string[] {
	const ours = new Set(REFERENCE_INDICES.map(({ name }) => name));
	return db
		.query<{ name: string; sql: string }, []>(
			"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'memories' AND sql IS NOT NULL",
		)
		.all()
		.filter(({ name }) => !ours.has(name) && !name.startsWith("sgn_"))
		.map(({ sql }) => sql);
}

function countRows(db: Database, table: string): number {
	return db.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows ?? 0;
}
