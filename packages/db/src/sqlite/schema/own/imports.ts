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
		// Rows that made or changed something, and those that stand for something under another id. They are undone in the
		// reverse of their order, by the rowid.
		`CREATE TABLE sgn_import_items (
			import_id TEXT NOT NULL,
			kind TEXT NOT NULL,
			source_key TEXT NOT NULL,
			target_id TEXT NOT NULL,
			outcome TEXT NOT NULL,
			version INTEGER NOT NULL,
			base_version INTEGER,
			PRIMARY KEY (import_id, kind, source_key)
		)`,
		`CREATE INDEX sgn_import_items_order ON sgn_import_items (import_id)`,
	],
};
