import type { OwnMigration } from "./migration.ts";

/** Who said what to whom, and in which order: what ranking knows of the conversation that a memory is a turn of. */
export const turns: OwnMigration = {
	name: "turns",
	statements: [
		// What is said of a memory beyond the columns that other programs know.
		"CREATE TABLE sgn_turns (memory_id TEXT PRIMARY KEY, position REAL, role TEXT) WITHOUT ROWID",
		`CREATE TRIGGER sgn_turn_of_deleted AFTER DELETE ON memories BEGIN
			DELETE FROM sgn_turns WHERE memory_id = old.id;
		END`,
		// Numbers only: sessions and speakers by hashes of their names, so that nothing is left here to be erased.
		`CREATE TABLE sgn_contexts (
			doc INTEGER PRIMARY KEY,
			session INTEGER,
			place REAL NOT NULL,
			stored INTEGER NOT NULL,
			chunk INTEGER NOT NULL,
			speaker INTEGER NOT NULL,
			marks INTEGER NOT NULL
		)`,
		`CREATE INDEX sgn_contexts_session ON sgn_contexts(session, place, stored, chunk) WHERE session IS NOT NULL`,
		`CREATE TRIGGER sgn_context_of_deleted AFTER DELETE ON sgn_documents BEGIN
			DELETE FROM sgn_contexts WHERE doc = old.doc;
		END`,
	],
};
