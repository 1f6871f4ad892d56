import type { OwnMigration } from "./migration.ts";

/** Rows of `embeddings` that the portable vector table does not show as they are now. */
export const vectorChanges: OwnMigration = {
	name: "vector-changes",
	statements: [
		// Filled by triggers, so that it holds whoever writes to the file and whenever it is read.
		"CREATE TABLE sgn_vector_changes (embedding_id TEXT PRIMARY KEY) WITHOUT ROWID",
		// Not by OR IGNORE: an upsert on the table would turn that into an error.
		`CREATE TRIGGER sgn_embedding_inserted AFTER INSERT ON embeddings BEGIN
			DELETE FROM sgn_vector_changes WHERE embedding_id = new.id;
			INSERT INTO sgn_vector_changes (embedding_id) VALUES (new.id);
		END`,
		`CREATE TRIGGER sgn_embedding_updated AFTER UPDATE ON embeddings BEGIN
			DELETE FROM sgn_vector_changes WHERE embedding_id IN (old.id, new.id);
			INSERT INTO sgn_vector_changes (embedding_id) SELECT old.id UNION SELECT new.id;
		END`,
		`CREATE TRIGGER sgn_embedding_deleted AFTER DELETE ON embeddings BEGIN
			DELETE FROM sgn_vector_changes WHERE embedding_id = old.id;
			INSERT INTO sgn_vector_changes (embedding_id) VALUES (old.id);
		END`,
		// Forgotten memories are not found there, and recovered ones are again.
		`CREATE TRIGGER sgn_memory_hidden AFTER UPDATE OF is_deleted ON memories WHEN old.is_deleted IS NOT new.is_deleted BEGIN
			INSERT INTO sgn_vector_changes (embedding_id)
			SELECT id FROM embeddings WHERE source_type = 'memory' AND source_id = new.id
				AND id NOT IN (SELECT embedding_id FROM sgn_vector_changes);
		END`,
	],
};
