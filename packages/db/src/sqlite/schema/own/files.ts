import type { OwnMigration } from "./migration.ts";

/** Files that memories were made from, so that none is read twice and each is known by what it said last time. */
export const files: OwnMigration = {
	name: "files",
	statements: [
		`CREATE TABLE sgn_files (
			path TEXT PRIMARY KEY,
			mtime_ms REAL NOT NULL,
			size INTEGER NOT NULL,
			hash TEXT NOT NULL
		) WITHOUT ROWID`,
		// A piece without a memory was forgotten before it was found, or somebody asked for the same.
		`CREATE TABLE sgn_file_pieces (
			path TEXT NOT NULL,
			source_id TEXT NOT NULL,
			memory_id TEXT,
			PRIMARY KEY (path, source_id)
		) WITHOUT ROWID`,
		"CREATE INDEX sgn_file_pieces_memory ON sgn_file_pieces(memory_id) WHERE memory_id IS NOT NULL",
	],
};
