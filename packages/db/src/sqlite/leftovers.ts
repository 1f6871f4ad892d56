import { Database } from "bun:sqlite";
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Erased } from "../database.ts";

/** Tables with what belongs to a memory, by the column that names it. */
const BELONGINGS: Readonly<Record<string, string>> = {
	memory_history: "memory_id",
	memory_jobs: "memory_id",
	embeddings: "source_id",
	sgn_documents: "memory_id",
};

/**
 * Remove a memory from the copies that were made before upgrades of `file`. A copy that cannot be opened is removed as a
 * whole, since nobody can say what is in it. Gives the paths of the copies that were changed or removed.
 */
export function eraseFromBackups(file: string, erased: Erased): string[] {
	const folder = dirname(file);
	const prefix = `${basename(file)}.bak-v`;
	const backups = readdirSync(folder).filter((name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name));
	return backups.map((name) => join(folder, name)).filter((backup) => eraseFromBackup(backup, erased));
}

function eraseFromBackup(backup: string, erased: Erased): boolean {
	let db: Database | undefined;
	try {
		db = new Database(backup, { readwrite: true });
		return eraseFrom(db, erased);
	} catch {
		rmSync(backup, { force: true });
		return true;
	} finally {
		db?.close();
		for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(backup + suffix, { force: true });
	}
}

function eraseFrom(db: Database, { id, texts }: Erased): boolean {
	db.run("PRAGMA journal_mode = DELETE");
	const tables = new Set(
		db
			.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
			.all()
			.map(({ name }) => name),
	);
	// A copy from before a conversion has other ids, but the same texts.
	const marks = texts.map(() => "?").join(", ");
	const meant = db
		.query<{ place: number; id: string | number | null }, string[]>(
			`SELECT rowid AS place, id FROM memories WHERE id = ? OR content IN (${marks})`,
		)
		.all(id, ...texts);
	if (meant.length === 0) return false;
	db.transaction(() => {
		for (const memory of meant) {
			for (const [table, column] of Object.entries(BELONGINGS)) {
				if (tables.has(table)) db.run(`DELETE FROM ${table} WHERE ${column} = ?`, [memory.id]);
			}
			// By its place: in old files it may lack an id.
			db.run("DELETE FROM memories WHERE rowid = ?", [memory.place]);
		}
	})();
	if (tables.has("sgn_lexicon")) db.run("INSERT INTO sgn_lexicon (sgn_lexicon) VALUES ('optimize')");
	// The file may have been written without overwriting what was deleted. This may give the rows other numbers, by which
	// the full-text table knows them; and what was replaced there is to go as well.
	db.run("VACUUM");
	if (tables.has("memories_fts")) {
		db.run("INSERT INTO memories_fts (memories_fts) VALUES ('rebuild')");
		db.run("VACUUM");
	}
	return true;
}
