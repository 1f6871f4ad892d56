import type { OwnMigration } from "./migration.ts";

/** Ranking knows rules and preferences by their types too, so that a memory that gets another one is looked at again. */
export const statedTypes: OwnMigration = {
	name: "stated-types",
	statements: [
		`CREATE TRIGGER sgn_memory_retyped AFTER UPDATE OF type ON memories WHEN old.type IS NOT new.type BEGIN
			DELETE FROM sgn_changes WHERE memory_id = new.id;
			INSERT INTO sgn_changes (memory_id) VALUES (new.id);
		END`,
		`INSERT OR IGNORE INTO sgn_changes (memory_id)
			SELECT id FROM memories WHERE type IN ('rule', 'instruction', 'preference') ORDER BY created_at`,
	],
};
