import type { Database } from "bun:sqlite";
import { isoTime, messageOf, StartupError } from "@signet/core";
import { ensureFullText, rebuildFullText } from "../full-text.ts";
import { ensureBookkeeping, migrationChecksum, recordedVersion, recordMigration } from "./bookkeeping.ts";
import { convertLegacy, demandedColumns, lacksKey, type MemoriesKind, memoriesKind } from "./legacy.ts";
import { isFullTextBehind } from "./marks.ts";
import {
	applyMigration,
	LATEST_REFERENCE_VERSION,
	MIGRATIONS,
	mendLaterFile,
	missingInLaterFile,
	missingParts,
} from "./migrations.ts";
import { migrateOwnTables, ownTablesAreCurrent } from "./own-tables.ts";
import { REFERENCE_TABLES } from "./reference-tables.ts";
import { Structure } from "./structure.ts";

/** What has to happen to a file before it can be used. */
export interface UpgradePlan {
	/** Highest migration that the file records. */
	readonly version: number;
	readonly kind: MemoriesKind;
	/** The table of memories has to be made anew, because of its kind or because it demands what we do not give. */
	readonly isConverted: boolean;
	/** Records migrations that its tables do not show: start over, every step being harmless where it was done. */
	readonly isHalfMigrated: boolean;
	readonly isNeeded: boolean;
}

/** Look at a file and say what it needs. Changes nothing; throws when the file is not for us. */
export function planUpgrade(db: Database): UpgradePlan {
	const structure = new Structure(db);
	const version = recordedVersion(db, structure);
	const kind = memoriesKind(structure);
	if (kind === "none") refuseForeign(structure);
	if (version > LATEST_REFERENCE_VERSION) refuseIfUnusable(structure, version);
	const isHalfMigrated = kind === "core" && version >= 2 && !structure.hasColumn("memories", "content_hash");
	const isConverted = needsConversion(structure, kind, version);
	const isCurrent =
		kind === "core" &&
		!isConverted &&
		version >= LATEST_REFERENCE_VERSION &&
		ownTablesAreCurrent(db, structure) &&
		structure.has("memories_fts") &&
		missingOf(structure, version).length === 0;
	return { version, kind, isConverted, isHalfMigrated, isNeeded: !isCurrent };
}

function needsConversion(structure: Structure, kind: MemoriesKind, version: number): boolean {
	if (kind !== "core") return kind !== "none";
	return version <= LATEST_REFERENCE_VERSION && (demandedColumns(structure).length > 0 || lacksKey(structure));
}

/** Bring a file up to date in one transaction: either all of it is done, or the file is as it was. */
export function upgrade(db: Database, plan: UpgradePlan, now: () => number): void {
	if (plan.isConverted) db.run("PRAGMA legacy_alter_table = ON");
	db.run("BEGIN IMMEDIATE");
	try {
		if (plan.isConverted && plan.kind !== "none") convertLegacy(db, new Structure(db), plan.kind);
		const structure = new Structure(db);
		ensureBookkeeping(db, structure);
		if (plan.isHalfMigrated) db.run("DELETE FROM schema_migrations");
		runMigrations(db, structure, now);
		ensureFullText(db, structure);
		fillDemanded(db);
		migrateOwnTables(db, structure, isoTime(now()));
		db.run("COMMIT");
	} catch (error) {
		if (db.inTransaction) db.run("ROLLBACK");
		throw error;
	}
}

/** What every memory has to have and the tables of old files do not demand. */
function fillDemanded(db: Database): void {
	db.run("UPDATE memories SET id = 'migrated_' || rowid WHERE id IS NULL");
	db.run("UPDATE memories SET content = '' WHERE content IS NULL");
	db.run(`UPDATE memories SET created_at = COALESCE(NULLIF(updated_at, ''), '1970-01-01T00:00:00.000Z')
		WHERE COALESCE(created_at, '') = ''`);
	db.run("UPDATE memories SET updated_at = created_at WHERE COALESCE(updated_at, '') = ''");
}

/** What is right with the recorded version but may have drifted since: the full-text table of the reference. */
export function repairFullText(db: Database): void {
	db.transaction(() => ensureFullText(db, new Structure(db))).immediate();
	if (isFullTextBehind(db)) rebuildFullText(db);
}

function runMigrations(db: Database, structure: Structure, now: () => number): void {
	const version = recordedVersion(db, structure);
	if (version > LATEST_REFERENCE_VERSION) {
		mendLaterFile(db, structure);
		return;
	}
	// A recorded migration whose tables are not there ("phantom") is done again without being recorded again.
	if (missingParts(structure, version).length > 0) {
		for (const migration of MIGRATIONS) if (migration.version <= version) applyMigration(db, structure, migration);
	}
	for (const migration of MIGRATIONS) {
		if (migration.version <= version) continue;
		const startedAt = now();
		try {
			applyMigration(db, structure, migration);
		} catch (error) {
			throw new Error(`Migration ${migration.version} (${migration.name}) failed: ${messageOf(error)}`, {
				cause: error,
			});
		}
		recordMigration(db, {
			version: migration.version,
			checksum: migrationChecksum(migration.version, migration.name),
			appliedAt: isoTime(startedAt),
			durationMs: now() - startedAt,
		});
	}
}

function missingOf(structure: Structure, version: number): string[] {
	return version > LATEST_REFERENCE_VERSION
		? missingInLaterFile(structure)
		: missingParts(structure, LATEST_REFERENCE_VERSION);
}

/** A file with tables of which none is ours belongs to another program. */
function refuseForeign({ tables }: Structure): void {
	const reference = new Set(REFERENCE_TABLES.map(({ name }) => name));
	const isOurs = (name: string) => reference.has(name) || /^(memories|schema_migrations|sgn)(_|$)/.test(name);
	if (tables.length === 0 || tables.some(isOurs)) return;
	throw new StartupError(
		`The database belongs to another program: it has a table ${tables[0]} and none of Signet's`,
		"It was left as it is. Move it away to start afresh, or set SIGNET_PATH to another workspace.",
	);
}

/** A file of a later reference is usable as long as what we write fits into it. */
function refuseIfUnusable(structure: Structure, version: number): void {
	const memories = REFERENCE_TABLES.find(({ name }) => name === "memories");
	const lacking = (memories?.columns ?? [])
		.map(({ name }) => name)
		.filter((column) => !structure.hasColumn("memories", column));
	const demanded = demandedColumns(structure);
	if (lacking.length === 0 && demanded.length === 0) return;
	const reasons = [
		...lacking.map((column) => `memories.${column} is missing`),
		...demanded.map((column) => `memories.${column} must be filled and may be empty here`),
	];
	throw new StartupError(
		`The database is newer than this program: it records schema version ${version}, and ${reasons.join(", ")}`,
		"Install a newer version of Signet, or set SIGNET_PATH to another workspace. Nothing was changed.",
	);
}
