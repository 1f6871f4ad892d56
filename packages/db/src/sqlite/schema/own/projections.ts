import type { OwnMigration } from "./migration.ts";

/** Where documents stood when all of them were drawn last, in two dimensions and in three: places, and no texts. */
export const projections: OwnMigration = {
	name: "projections",
	statements: [
		`CREATE TABLE sgn_projections (
			dimensions INTEGER PRIMARY KEY,
			stamp TEXT NOT NULL,
			made_at TEXT NOT NULL,
			docs BLOB NOT NULL,
			points BLOB NOT NULL,
			edges BLOB NOT NULL
		)`,
	],
};
