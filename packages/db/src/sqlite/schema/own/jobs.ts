import type { OwnMigration } from "./migration.ts";

/** What the job queue knows of a row of `memory_jobs` beyond its columns. */
export const jobs: OwnMigration = {
	name: "job-leases",
	statements: [
		// A job without a row here is due at once, and nobody has it. Times are milliseconds since 1970.
		`CREATE TABLE sgn_job_leases (
			job_id TEXT PRIMARY KEY,
			due_ms INTEGER NOT NULL DEFAULT 0,
			owner TEXT,
			leased_until_ms INTEGER
		) WITHOUT ROWID`,
		`CREATE TRIGGER sgn_job_deleted AFTER DELETE ON memory_jobs BEGIN
			DELETE FROM sgn_job_leases WHERE job_id = old.id;
		END`,
		// Finding the next job must not take longer the more there are.
		`CREATE INDEX sgn_memory_jobs_open ON memory_jobs(job_type, created_at)
			WHERE status = 'pending' OR status = 'leased'`,
	],
};
