import type { Database } from "bun:sqlite";
import { StartupError } from "@signet/core";
import { documents } from "./own/documents.ts";
import { erased } from "./own/erased.ts";
import { files } from "./own/files.ts";
import { forgotten } from "./own/forgotten.ts";
import { importPasts } from "./own/import-pasts.ts";
import { imports } from "./own/imports.ts";
import { jobs } from "./own/jobs.ts";
import { listing } from "./own/listing.ts";
import { memoryOwners } from "./own/memory-owners.ts";
import type { OwnMigration } from "./own/migration.ts";
import { projections } from "./own/projections.ts";
import { scopes } from "./own/scopes.ts";
import { statedTypes } from "./own/stated-types.ts";
import { turns } from "./own/turns.ts";
import { vectorChanges } from "./own/vector-changes.ts";
import type { Structure } from "./structure.ts";

/**
 * What we keep beyond the reference's tables, with bookkeeping of our own, in the order in which it came. Their number is
 * `OWN_SCHEMA_VERSION`.
 */
const OWN_MIGRATIONS: readonly OwnMigration[] = [
	documents,
	erased,
	listing,
	jobs,
	vectorChanges,
	forgotten,
	files,
	imports,
	projections,
	importPasts,
	turns,
	memoryOwners,
	statedTypes,
	scopes,
];

/** Bring our tables up to date. Throws when the file has been used by a later version of this program. */
export function migrateOwnTables(db: Database, structure: Structure, now: string): void {
	structure.ensureColumn("memories", { name: "session_id", definition: "TEXT" });
	if (!structure.has("sgn_migrations")) {
		structure.run(
			"sgn_migrations",
			"CREATE TABLE sgn_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)",
		);
	}
	const applied = ownVersion(db, structure);
	if (applied > OWN_MIGRATIONS.length) {
		throw new StartupError(
			`The workspace was last used by a later version of Signet (its schema is ${applied}, this program knows ${OWN_MIGRATIONS.length})`,
			"Install that version or a newer one. Nothing was changed.",
		);
	}
	if (applied > 0) mendOwnTables(db, structure, applied);
	OWN_MIGRATIONS.slice(applied).forEach(({ name, statements }, at) => {
		for (const statement of statements) db.run(statement);
		db.run("INSERT INTO sgn_migrations (version, name, applied_at) VALUES (?, ?, ?)", [applied + at + 1, name, now]);
	});
}

/**
 * Make again what got lost of ours when another program made a table of the reference anew: indices and triggers go with
 * the table that they are on. Without the triggers nobody has noted what changed, so all counts as changed.
 */
function mendOwnTables(db: Database, structure: Structure, applied: number): void {
	const lost = lostParts(structure, applied);
	for (const { kind, name, statement } of lost) {
		// It went along with the table that was put aside.
		structure.drop(kind, name);
		db.run(statement);
	}
	if (lost.some(({ name }) => name.startsWith("sgn_memory_"))) {
		db.run("DELETE FROM sgn_changes");
		db.run(`INSERT INTO sgn_changes (memory_id)
			SELECT memory_id FROM sgn_documents WHERE memory_id NOT IN (SELECT id FROM memories) GROUP BY memory_id
			UNION ALL SELECT id FROM (SELECT id FROM memories ORDER BY created_at)`);
	}
	if (lost.some(({ name }) => name.startsWith("sgn_embedding_"))) {
		db.run("INSERT OR IGNORE INTO sgn_vector_changes (embedding_id) SELECT id FROM embeddings");
	}
}

interface Part {
	readonly kind: "INDEX" | "TRIGGER";
	readonly name: string;
	readonly statement: string;
}

/** Indices and triggers of our first migrations that the file should have, on their tables, and has not. */
function lostParts(structure: Structure, applied: number): Part[] {
	return OWN_MIGRATIONS.slice(0, applied)
		.flatMap(({ statements }) => statements)
		.flatMap((statement) => {
			const [, kind, name = ""] = /^\s*CREATE (?:UNIQUE )?(INDEX|TRIGGER) (\w+)/.exec(statement) ?? [];
			const [, table = ""] = /\bON (\w+)/.exec(statement) ?? [];
			const isLost = (kind === "INDEX" || kind === "TRIGGER") && !structure.hasOn(table, name);
			return isLost ? [{ kind, name, statement }] : [];
		});
}

/** Whether `migrateOwnTables` would change or refuse anything. */
export function ownTablesAreCurrent(db: Database, structure: Structure): boolean {
	return (
		ownVersion(db, structure) === OWN_MIGRATIONS.length &&
		structure.hasColumn("memories", "session_id") &&
		lostParts(structure, OWN_MIGRATIONS.length).length === 0
	);
}

function ownVersion(db: Database, structure: Structure): number {
	if (!structure.has("sgn_migrations")) return 0;
	return (
		db.query<{ version: number | null }, []>("SELECT MAX(version) AS version FROM sgn_migrations").get()?.version ?? 0
	);
}
