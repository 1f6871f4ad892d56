import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isoTime } from "@signet/core";
import { openWriter } from "./connection.ts";
import { emptyDatabaseFile } from "./empty-database-file.ts";

/** Put an empty database where there is none, in one step. Gives false where none comes with the program. */
export function putEmptyDatabase(file: string, nowMs: number): boolean {
	const source = emptyDatabaseFile();
	if (source === undefined) return false;
	const draft = `${file}.new`;
	removeLogs(file);
	removeLogs(draft);
	try {
		writeFileSync(draft, readFileSync(source), { mode: 0o600, flush: true });
		stampMigrations(draft, isoTime(nowMs));
		renameSync(draft, file);
	} catch (error) {
		rmSync(draft, { force: true });
		throw error;
	}
	return true;
}

/** SQLite would take what a database that is gone has left for part of the new one. */
function removeLogs(file: string): void {
	for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(file + suffix, { force: true });
}

/** The migrations were applied when the program was built; to whoever reads the record, they are applied now. */
function stampMigrations(file: string, now: string): void {
	const db = openWriter(file);
	try {
		for (const table of ["schema_migrations", "schema_migrations_audit", "sgn_migrations"]) {
			db.run(`UPDATE ${table} SET applied_at = ?`, [now]);
		}
	} finally {
		db.close();
	}
}
