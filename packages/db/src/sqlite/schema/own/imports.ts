import type { OwnMigration } from "./migration.ts";

/** What was taken in from elsewhere, and what became of each row, so that it can be told and undone. */
export const imports: OwnMigration = {
	name: "imports",
	statements: [
		`CREATE TABLE sgn_imports (
			id TEXT PRIMARY KEY,
			source TEXT NOT NULL,
			format TEXT NOT NULL,
			started_at TEXT NOT NULL,
			completed_at TEXT,
			undone_at TEXT,
			account TEXT
		) WITHOUT ROWID`,
		// Rows that made or changed something, in the order in which they did so, and those that stand for something under
		// another id. It only grows at its end: an index by what it says would cost a sixth of the speed of an import.
		`CREATE TABLE sgn_import_items (
			import_id TEXT NOT NULL,
			place INTEGER NOT NULL,
			kind TEXT NOT NULL,
			source_key TEXT NOT NULL,
			target_id TEXT NOT NULL,
			outcome TEXT NOT NULL,
			version INTEGER NOT NULL,
			base_version INTEGER,
			PRIMARY KEY (import_id, place)
		) WITHOUT ROWID`,
		// Nothing refers to texts.
		`CREATE INDEX sgn_import_items_referred ON sgn_import_items (import_id, kind, source_key) WHERE kind <> 'text'`,
	],
};
