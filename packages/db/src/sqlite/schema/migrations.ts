import type { Database } from "bun:sqlite";
import { REFERENCE_INDICES, REFERENCE_TABLES, type TableDescription } from "./reference-tables.ts";
import type { Structure } from "./structure.ts";

export interface Migration {
	readonly version: number;
	readonly name: string;
	/** What has to happen to rows between the new columns and the new indices. */
	readonly convertRows?: (db: Database, structure: Structure) => void;
}

/** The reference's migrations. Their names go into its checksums and must not change. */
export const MIGRATIONS: readonly Migration[] = [
	{ version: 1, name: "baseline" },
	{ version: 2, name: "pipeline-v2" },
	{ version: 3, name: "unique-content-hash", convertRows: keepOneRowPerHash },
	{ version: 4, name: "history-actor-and-retention" },
	{ version: 5, name: "graph-extended" },
	{ version: 6, name: "idempotency-key", convertRows: keepOneRowPerKey },
	{ version: 7, name: "documents-and-connectors" },
	{ version: 8, name: "embeddings-unique-hash", convertRows: keepOneEmbeddingPerHash },
	{ version: 9, name: "summary-jobs" },
	{ version: 10, name: "umap-cache" },
	{ version: 11, name: "session-scores" },
	{ version: 12, name: "scheduled-tasks" },
	{ version: 13, name: "ingestion-tracking" },
	{ version: 14, name: "telemetry" },
	{ version: 15, name: "session-memories" },
];

export const LATEST_REFERENCE_VERSION = 15;

/** Bring into the file what a migration adds to those before it. Doing it again changes nothing. */
export function applyMigration(db: Database, structure: Structure, { version, convertRows }: Migration): void {
	for (const table of tablesChangedAt(version)) structure.ensureTable(table, version);
	convertRows?.(db, structure);
	for (const index of REFERENCE_INDICES) if (index.since === version) structure.ensureIndex(index);
}

/**
 * Add to the file of a later version what we need and it lacks: tables, columns, and that a vector is found under one
 * hash. Its other indices are its own affair: it has replaced some.
 */
export function mendLaterFile(db: Database, structure: Structure): void {
	for (const table of REFERENCE_TABLES) structure.ensureTable(table, LATEST_REFERENCE_VERSION);
	if (structure.isUnique("embeddings", "content_hash")) return;
	keepOneEmbeddingPerHash(db, structure);
	for (const index of REFERENCE_INDICES) if (index.name === EMBEDDING_INDEX) structure.ensureIndex(index);
}

const EMBEDDING_INDEX = "idx_embeddings_content_hash_unique";

/** What `mendLaterFile` would add. */
export function missingInLaterFile(structure: Structure): string[] {
	const missing = missingParts(structure, LATEST_REFERENCE_VERSION).filter((part) => !part.startsWith("index "));
	return structure.isUnique("embeddings", "content_hash") ? missing : [...missing, `index ${EMBEDDING_INDEX}`];
}

let tablesByVersion: Map<number, Set<TableDescription>> | undefined;

/** Tables that a migration makes or adds columns to. */
function tablesChangedAt(version: number): Iterable<TableDescription> {
	tablesByVersion ??= indexByVersion();
	return tablesByVersion.get(version) ?? [];
}

function indexByVersion(): Map<number, Set<TableDescription>> {
	const byVersion = new Map<number, Set<TableDescription>>();
	for (const table of REFERENCE_TABLES) {
		for (const { since = table.since } of table.columns) {
			byVersion.set(since, (byVersion.get(since) ?? new Set()).add(table));
		}
	}
	return byVersion;
}

/** Tables, columns and indices of schema version `version` that the file does not have. */
export function missingParts(structure: Structure, version: number): string[] {
	const missing: string[] = [];
	for (const table of REFERENCE_TABLES.filter(({ since }) => since <= version)) {
		if (!structure.has(table.name)) missing.push(`table ${table.name}`);
		else
			for (const { name, since = table.since } of table.columns)
				if (since <= version && !structure.hasColumn(table.name, name)) missing.push(`column ${table.name}.${name}`);
	}
	for (const index of REFERENCE_INDICES)
		if (index.since <= version && !structure.hasIndex(index)) missing.push(`index ${index.name}`);
	return missing;
}

/** Of several active rows with one hash the newest keeps it. */
function keepOneRowPerHash(db: Database, structure: Structure): void {
	structure.drop("INDEX", "idx_memories_content_hash");
	if (structure.hasOn("memories", "idx_memories_content_hash_unique")) return;
	db.run(`UPDATE memories SET content_hash = NULL WHERE rowid IN (
		SELECT rowid FROM (
			SELECT rowid, ROW_NUMBER() OVER (PARTITION BY content_hash ORDER BY created_at DESC, rowid DESC) AS place
			FROM memories WHERE content_hash IS NOT NULL AND is_deleted = 0
		) WHERE place > 1
	)`);
}

/** Of several rows with one idempotency key the first keeps it: it is what the key was answered with. */
function keepOneRowPerKey(db: Database, structure: Structure): void {
	if (structure.hasOn("memories", "idx_memories_idempotency_key")) return;
	db.run(`UPDATE memories SET idempotency_key = NULL WHERE rowid NOT IN (
		SELECT MIN(rowid) FROM memories WHERE idempotency_key IS NOT NULL GROUP BY idempotency_key
	) AND idempotency_key IS NOT NULL`);
}

/** Of several embeddings with one hash the oldest stays. */
function keepOneEmbeddingPerHash(db: Database, structure: Structure): void {
	structure.drop("INDEX", "idx_embeddings_hash");
	if (structure.hasOn("embeddings", EMBEDDING_INDEX)) return;
	db.run("DELETE FROM embeddings WHERE rowid NOT IN (SELECT MIN(rowid) FROM embeddings GROUP BY content_hash)");
}
