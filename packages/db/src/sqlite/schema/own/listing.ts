import type { OwnMigration } from "./migration.ts";

/** When a memory was made, on one scale (`created-ms.ts`). */
const CREATED_MS =
	"COALESCE(CASE WHEN created_at GLOB '[0-9]*' THEN CAST(round((julianday(created_at) - 2440587.5) * 86400000) AS INTEGER) END, 0)";
const IS_ACTIVE = "COALESCE(is_deleted, 0) = 0";

/** What lists and counts need so as not to read every memory. Indices, which hold whoever writes to the file, and however. */
export const listing: OwnMigration = {
	name: "listing",
	statements: [
		`CREATE INDEX sgn_memories_listed ON memories(${CREATED_MS}, id, COALESCE(is_deleted, 0))`,
		`CREATE INDEX sgn_memories_tombstones ON memories(${CREATED_MS}, id) WHERE COALESCE(is_deleted, 0) <> 0`,
		`CREATE INDEX sgn_memories_critical ON memories(importance) WHERE importance >= 0.9 AND ${IS_ACTIVE}`,
		// The first documents that have a vector of any model: one for each memory that has. A set and no number, so that
		// it cannot drift.
		"CREATE TABLE sgn_embedded (doc INTEGER PRIMARY KEY)",
		`INSERT INTO sgn_embedded (doc) SELECT d.doc FROM sgn_documents d
		WHERE d.chunk = 0 AND EXISTS (SELECT 1 FROM sgn_codes c WHERE c.doc = d.doc)`,
		`CREATE TRIGGER sgn_code_inserted AFTER INSERT ON sgn_codes BEGIN
			INSERT OR IGNORE INTO sgn_embedded (doc) SELECT doc FROM sgn_documents WHERE doc = new.doc AND chunk = 0;
		END`,
		`CREATE TRIGGER sgn_code_deleted AFTER DELETE ON sgn_codes BEGIN
			DELETE FROM sgn_embedded
			WHERE doc = old.doc AND NOT EXISTS (SELECT 1 FROM sgn_codes c WHERE c.doc = old.doc);
		END`,
	],
};
