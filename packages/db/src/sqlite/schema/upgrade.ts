import type { Database } from "bun:sqlite";
import { isoTime, messageOf, StartupError } from "@signet/core";
import { ensureFullText, rebuildFullText } from "../full-text.ts";
import { ensureBookkeeping, migrationChecksum, recordedVersion, recordMigration } from "./bookkeeping.ts";
import { convertLegacy, type MemoriesKind, memoriesKind } from "./legacy.ts";
import { isFullTextBehind } from "./marks.ts";
import { applyMigration, LATEST_REFERENCE_VERSION, MIGRATIONS, missingParts } from "./migrations.ts";
import { migrateOwnTables, ownTablesAreCurrent } from "./own-tables.ts";
import { REFERENCE_TABLES } from "./reference-tables.ts";
import { Structure } from "./structure.ts";

/** What has to happen to a file before it can be used. */
export interface UpgradePlan {
	/** Highest migration that the file records. */
	readonly version: number;
	readonly kind: MemoriesKind;
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
	if (version > LATEST_REFERENCE_VERSION) refuseIfUnusable(db, structure, version);
	const isHalfMigrated = kind === "core" && version >= 2 && !structure.hasColumn("memories", "content_hash");
	const isCurrent =
		kind === "core" &&
		version >= LATEST_REFERENCE_VERSION &&
		ownTablesAreCurrent(db, structure) &&
		structure.has("memories_fts") &&
		missingParts(structure, LATEST_REFERENCE_VERSION).filter(isRepairable(version)).length === 0;
	return { version, kind, isHalfMigrated, isNeeded: !isCurrent };
}

/** Bring a file up to date in one transaction: either all of it is done, or the file is as it was. */
export function upgrade(db: Database, plan: UpgradePlan, now: () => number): void {
	db.run("BEGIN IMMEDIATE");
	try {
		if (plan.kind === "python" || plan.kind === "cli-v1") convertLegacy(db, new Structure(db), plan.kind);
		const structure = new Structure(db);
		ensureBookkeeping(db, structure);
		if (plan.isHalfMigrated) db.run("DELETE FROM schema_migrations");
		runMigrations(db, structure, now);
		ensureFullText(db, structure);
		migrateOwnTables(db, structure, isoTime(now()));
		db.run("COMMIT");
	} catch (error) {
		if (db.inTransaction) db.run("ROLLBACK");
		throw error;
	}
}

/** What is right with the recorded version but may have drifted since: the full-text table of the reference. */
export function repairFullText(db: Database): void {
	db.transaction(() => ensureFullText(db, new Structure(db))).immediate();
	if (isFullTextBehind(db)) rebuildFullText(db);
}

function runMigrations(db: Database, structure: Structure, now: () => number): void {
	const version = recordedVersion(db, structure);
	// A recorded migration whose tables are not there ("phantom") is done again without being recorded again.
	if (missingParts(structure, Math.min(version, LATEST_REFERENCE_VERSION)).some(isRepairable(version))) {
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

/** Indices are left alone in files of later versions, which replace some of them by others. */
function isRepairable(version: number): (part: string) => boolean {
	return (part) => version <= LATEST_REFERENCE_VERSION || !part.startsWith("index ");
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
function refuseIfUnusable(db: Database, structure: Structure, version: number): void {
	const memories = REFERENCE_TABLES.find(({ name }) => name === "memories");
	const known = new Set(memories?.columns.map(({ name }) => name));
	const lacking = [...known].filter((column) => !structure.hasColumn("memories", column));
	const demanded = db
		.query<{ name: string }, []>(
			`SELECT name FROM pragma_table_info('memories') WHERE "notnull" = 1 AND dflt_value IS NULL AND pk = 0`,
		)
		.all()
		.map(({ name }) => name)
		.filter((name) => !known.has(name));
	if (lacking.length === 0 && demanded.length === 0) return;
	const reasons = [
		...lacking.map((column) => `memories.${column} is missing`),
		...demanded.map((column) => `memories.${column} must be filled and is unknown here`),
	];
	throw new StartupError(
		`The database is newer than this program: it records schema version ${version}, and ${reasons.join(", ")}`,
		"Install a newer version of Signet, or set SIGNET_PATH to another workspace. Nothing was changed.",
	);
}
