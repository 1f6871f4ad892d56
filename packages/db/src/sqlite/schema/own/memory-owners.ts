import type { OwnMigration } from "./migration.ts";

/** For which agent and which user a memory was stored, as far as the token of whoever stored it said so. */
export const memoryOwners: OwnMigration = {
	name: "memory-owners",
	statements: [
		`CREATE TABLE sgn_memory_owners (
			memory_id TEXT PRIMARY KEY,
			agent TEXT,
			user TEXT
		) WITHOUT ROWID`,
		`CREATE TRIGGER sgn_owner_of_deleted AFTER DELETE ON memories BEGIN
			DELETE FROM sgn_memory_owners WHERE memory_id = old.id;
		END`,
	],
};
