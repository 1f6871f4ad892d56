import type { OwnMigration } from "./migration.ts";

/** What is needed once a forgotten memory is too old to be brought back. */
export const forgotten: OwnMigration = {
	name: "forgotten",
	statements: ["CREATE TABLE sgn_forgotten (fingerprint TEXT PRIMARY KEY, forgotten_at TEXT NOT NULL) WITHOUT ROWID"],
};
