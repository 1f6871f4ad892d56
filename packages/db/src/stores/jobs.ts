import { isScoped, type MemoryScope } from "@signet/core";
import sql, { type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { scopePredicate } from "../sqlite/memory-predicate.ts";

/**
 * Facts to be extracted from a memory, vectors to be made, what is over age to be removed, or the traces of a memory that
 * was erased.
 */
export type JobType = "extract" | "embed" | "retention" | "erase";

/** Stands for a memory in jobs that belong to none: the column takes no null in files of the reference. */
export const NO_MEMORY = "system";

export interface NewJob {
	readonly id: string;
	/** `NO_MEMORY` for work on all of them. */
	readonly memoryId: string;
	readonly type: JobType;
	/** How often it is tried when it fails; three times unless it says otherwise. */
	readonly maxAttempts?: number;
	/** ISO-8601 UTC. */
	readonly createdAt: string;
}

const MAX_ATTEMPTS = 3;

/** A row of `memory_jobs` with what the queue knows of it. Times are ISO-8601 UTC unless they say otherwise. */
export interface JobRow {
	readonly id: string;
	readonly memory_id: string | null;
	readonly document_id: string | null;
	readonly job_type: string;
	readonly status: string;
	readonly payload: string | null;
	readonly result: string | null;
	readonly attempts: number;
	readonly max_attempts: number;
	readonly error: string | null;
	readonly leased_at: string | null;
	readonly completed_at: string | null;
	readonly failed_at: string | null;
	readonly created_at: string;
	readonly updated_at: string;
	/** Milliseconds since 1970 before which it is not tried; null for at once. */
	readonly due_ms: number | null;
}

/** Queue work on a memory, unless the same is queued or under way already. */
export async function enqueueJob(writer: Writer, job: NewJob): Promise<void> {
	const { id, memoryId, type, maxAttempts = MAX_ATTEMPTS, createdAt } = job;
	await writer.run(sql`
		INSERT INTO memory_jobs (id, memory_id, job_type, status, attempts, max_attempts, created_at, updated_at)
		SELECT ${id}, ${memoryId}, ${type}, 'pending', 0, ${maxAttempts}, ${createdAt}, ${createdAt}
		WHERE NOT EXISTS (
			SELECT 1 FROM memory_jobs
			WHERE memory_id = ${memoryId} AND job_type = ${type} AND status IN ('pending', 'leased')
		)`);
}

/**
 * Queue work that there is one of, under an id that is always the same: a row of it that has come to its end begins
 * again, one that waits stays as it is.
 */
export async function enqueueAgain(writer: Writer, { id, memoryId, type, createdAt }: NewJob): Promise<void> {
	const changed = await writer.run(sql`
		INSERT INTO memory_jobs (id, memory_id, job_type, status, attempts, max_attempts, created_at, updated_at)
		VALUES (${id}, ${memoryId}, ${type}, 'pending', 0, ${MAX_ATTEMPTS}, ${createdAt}, ${createdAt})
		ON CONFLICT (id) DO UPDATE SET status = 'pending', attempts = 0, error = NULL, result = NULL, leased_at = NULL,
			completed_at = NULL, failed_at = NULL, updated_at = excluded.updated_at
		WHERE status NOT IN ('pending', 'leased')`);
	if (changed > 0) await writer.run(sql`DELETE FROM sgn_job_leases WHERE job_id = ${id}`);
}

/**
 * Say of the work on a memory that is still to be done that it is not needed any more; what an erasure has left is to be
 * removed whatever becomes of the memory. `at` is ISO-8601 UTC.
 */
export async function skipJobs(
	writer: Writer,
	memoryId: string,
	{ reason, at }: { reason: string; at: string },
): Promise<void> {
	await writer.run(sql`
		UPDATE memory_jobs SET status = 'completed', result = ${JSON.stringify({ skipped: reason })}, completed_at = ${at},
			updated_at = ${at}
		WHERE memory_id = ${memoryId} AND status = 'pending' AND job_type <> 'erase'`);
}

/** The job of that id; one whose memory is gone or outside of the scope counts as none. */
export function findJob(reader: Reader, id: string, scope: MemoryScope): Promise<JobRow | undefined> {
	return reader.get<JobRow>(sql`
		SELECT j.*, l.due_ms FROM memory_jobs j LEFT JOIN sgn_job_leases l ON l.job_id = j.id
		WHERE j.id = ${id} AND ${isOfScope(scope)}`);
}

/** Numbers of jobs by type and status; only of those on memories in the scope. */
export function countJobs(
	reader: Reader,
	scope: MemoryScope,
): Promise<{ type: string; status: string; count: number }[]> {
	return reader.all(sql`
		SELECT j.job_type AS type, j.status, count(*) AS count FROM memory_jobs j WHERE ${isOfScope(scope)}
		GROUP BY j.job_type, j.status ORDER BY 1, 2`);
}

/** Work on all memories is in no scope that leaves anything out. */
function isOfScope(scope: MemoryScope): Sql {
	if (!isScoped(scope)) return sql`TRUE`;
	return sql`EXISTS (SELECT 1 FROM memories m WHERE m.id = j.memory_id AND ${scopePredicate(scope)})`;
}

/** Let a job that ended without success begin again, at once. Resolves to whether there was one. */
export async function retryJob(writer: Writer, id: string, at: string): Promise<boolean> {
	const changed = await writer.run(sql`
		UPDATE memory_jobs SET status = 'pending', attempts = 0, leased_at = NULL, updated_at = ${at}
		WHERE id = ${id} AND status IN ('dead', 'failed', 'pending')`);
	if (changed > 0) await writer.run(sql`DELETE FROM sgn_job_leases WHERE job_id = ${id}`);
	return changed > 0;
}
