import sql from "sql-template-tag";
import type { Writer } from "../database.ts";

export interface NewJob {
	readonly id: string;
	readonly memoryId: string;
	readonly type: "extract";
	/** ISO-8601 UTC. */
	readonly createdAt: string;
}

/** Queue work on a memory, unless the same is queued or under way already. */
export async function enqueueJob(writer: Writer, { id, memoryId, type, createdAt }: NewJob): Promise<void> {
	await writer.run(sql`
		INSERT INTO memory_jobs (id, memory_id, job_type, status, attempts, max_attempts, created_at, updated_at)
		SELECT ${id}, ${memoryId}, ${type}, 'pending', 0, 3, ${createdAt}, ${createdAt}
		WHERE NOT EXISTS (
			SELECT 1 FROM memory_jobs
			WHERE memory_id = ${memoryId} AND job_type = ${type} AND status IN ('pending', 'leased')
		)`);
}

/** Say of the work on a memory that is still to be done that it is not needed any more. `at` is ISO-8601 UTC. */
export async function skipJobs(
	writer: Writer,
	memoryId: string,
	{ reason, at }: { reason: string; at: string },
): Promise<void> {
	await writer.run(sql`
		UPDATE memory_jobs SET status = 'completed', result = ${JSON.stringify({ skipped: reason })}, completed_at = ${at},
			updated_at = ${at}
		WHERE memory_id = ${memoryId} AND status = 'pending'`);
}
