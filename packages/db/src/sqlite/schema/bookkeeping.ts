import type { Database } from "bun:sqlite";
import type { Structure } from "./structure.ts";

/**
 * The reference's record of its migrations. Only its fifteen are ever written there: numbers above belong to its later
 * versions, which would skip their own migrations if we used them.
 */
export function ensureBookkeeping(db: Database, structure: Structure): void {
	structure.ensureTable(
		{
			name: "schema_migrations",
			since: 0,
			columns: [
				{ name: "version", definition: "INTEGER PRIMARY KEY" },
				{ name: "applied_at", definition: "TEXT NOT NULL" },
				{ name: "checksum", definition: "TEXT NOT NULL" },
			],
		},
		0,
	);
	db.run("UPDATE schema_migrations SET checksum = 'migrated' WHERE checksum = ''");
	structure.ensureTable(
		{
			name: "schema_migrations_audit",
			since: 0,
			columns: [
				{ name: "id", definition: "INTEGER PRIMARY KEY AUTOINCREMENT" },
				{ name: "version", definition: "INTEGER NOT NULL" },
				{ name: "applied_at", definition: "TEXT NOT NULL" },
				{ name: "duration_ms", definition: "INTEGER" },
				{ name: "checksum", definition: "TEXT" },
			],
		},
		0,
	);
}

/** The highest recorded migration; 0 when there is none. */
export function recordedVersion(db: Database, structure: Structure): number {
	if (!structure.hasColumn("schema_migrations", "version")) return 0;
	const row = db.query<{ version: number | null }, []>("SELECT MAX(version) AS version FROM schema_migrations").get();
	return row?.version ?? 0;
}

export function recordMigration(
	db: Database,
	{
		version,
		checksum,
		appliedAt,
		durationMs,
	}: { version: number; checksum: string; appliedAt: string; durationMs: number },
): void {
	db.run("INSERT OR REPLACE INTO schema_migrations (version, applied_at, checksum) VALUES (?, ?, ?)", [
		version,
		appliedAt,
		checksum,
	]);
	db.run("INSERT INTO schema_migrations_audit (version, applied_at, duration_ms, checksum) VALUES (?, ?, ?, ?)", [
		version,
		appliedAt,
		durationMs,
		checksum,
	]);
}

/** The reference's checksum: a signed 32-bit rolling hash of `<version>:<name>`, in hex with its sign. */
export function migrationChecksum(version: number, name: string): string {
	let hash = 0;
	for (const unit of `${version}:${name}`) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) | 0;
	return hash.toString(16);
}
