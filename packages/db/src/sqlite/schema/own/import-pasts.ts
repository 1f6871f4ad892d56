import type { OwnMigration } from "./migration.ts";

/** What imports found where they changed something, so that each can be undone by itself, in whatever order. */
export const importPasts: OwnMigration = {
	name: "import-pasts",
	statements: [
		"ALTER TABLE sgn_import_items ADD COLUMN base_updated_by TEXT",
		"ALTER TABLE sgn_import_items ADD COLUMN base_deleted_at TEXT",
		// Which imports have changed what others had brought or changed: few have.
		"CREATE INDEX sgn_import_items_based ON sgn_import_items (target_id) WHERE base_version IS NOT NULL",
		// How many rows of a source an import has had so far; the source as a hash. Gone when the import is through.
		`CREATE TABLE sgn_import_sources (
			import_id TEXT NOT NULL,
			source TEXT NOT NULL,
			rows INTEGER NOT NULL,
			PRIMARY KEY (import_id, source)
		) WITHOUT ROWID`,
	],
};
