import { EVERYTHING, isoTime } from "@signet/core";
import sql, { raw, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { findJob, type JobRow, type JobType } from "../stores/jobs.ts";

/**
 * The state machine of a job: `pending` → `leased` → `completed`, back to `pending` when it failed, `dead` when that
 * happened too often. A lease is a row with an end and an owner, so that several processes can share a queue, and
 * whoever lost a lease can neither end nor fail the job of its new owner.
 */

/** Whoever works on jobs, and at what time, in milliseconds since 1970. */
export interface Worker {
	readonly owner: string;
	readonly nowMs: number;
}

/** Why a job is not done, and when to try again: milliseconds since 1970, or never. */
export interface Setback {
	readonly error: string;
	readonly dueMs: number | "never";
}

const dueOf = raw("CASE j.status WHEN 'leased' THEN coalesce(l.leased_until_ms, 0) ELSE coalesce(l.due_ms, 0) END");

/** Jobs of a type that are to be done, with when. */
function openJobs(type: JobType): Sql {
	return sql`memory_jobs j LEFT JOIN sgn_job_leases l ON l.job_id = j.id
		WHERE j.job_type = ${type} AND (j.status = 'pending' OR j.status = 'leased')`;
}

/** When the next job of that type can be taken, in milliseconds since 1970; undefined when there is none. */
export async function nextDue(reader: Reader, type: JobType, nowMs: number): Promise<number | undefined> {
	// Most often the oldest is due, however many there are.
	const due = await reader.get(
		sql`SELECT 1 FROM ${openJobs(type)} AND ${dueOf} <= ${nowMs} ORDER BY j.created_at LIMIT 1`,
	);
	if (due) return nowMs;
	const next = await reader.get<{ due: number | null }>(sql`SELECT min(${dueOf}) AS due FROM ${openJobs(type)}`);
	return next?.due ?? undefined;
}

/**
 * Take the oldest job that is due, or whose owner let its lease run out, for `leaseMs`. A job that used up its attempts
 * that way is dead. Resolves to undefined when there is none.
 */
export async function leaseJob(
	writer: Writer,
	type: JobType,
	{ owner, nowMs }: Worker,
	leaseMs: number,
): Promise<JobRow | undefined> {
	for (;;) {
		const next = await writer.get<Pick<JobRow, "id" | "status" | "attempts" | "max_attempts">>(sql`
			SELECT j.id, j.status, j.attempts, j.max_attempts FROM ${openJobs(type)} AND ${dueOf} <= ${nowMs}
			ORDER BY j.created_at LIMIT 1`);
		if (!next) return undefined;
		if (next.status === "leased" && next.attempts >= next.max_attempts) {
			await release(writer, next.id, nowMs, { error: "lease expired", dueMs: "never" });
			continue;
		}
		const at = isoTime(nowMs);
		await writer.run(sql`
			UPDATE memory_jobs SET status = 'leased', leased_at = ${at}, attempts = attempts + 1, updated_at = ${at}
			WHERE id = ${next.id}`);
		await writer.run(sql`
			INSERT INTO sgn_job_leases (job_id, owner, leased_until_ms) VALUES (${next.id}, ${owner}, ${nowMs + leaseMs})
			ON CONFLICT (job_id) DO UPDATE SET owner = excluded.owner, leased_until_ms = excluded.leased_until_ms`);
		return findJob(writer, next.id, EVERYTHING);
	}
}

/** Keep a job for `leaseMs` more. Resolves to false when it is somebody else's by now. */
export async function renewLease(writer: Writer, id: string, worker: Worker, leaseMs: number): Promise<boolean> {
	const changed = await writer.run(sql`
		UPDATE sgn_job_leases SET leased_until_ms = ${worker.nowMs + leaseMs}
		WHERE job_id = ${id} AND owner = ${worker.owner}`);
	return changed > 0;
}

/** Say that a job is done. Resolves to false, with nothing changed, when it is somebody else's by now. */
export async function completeJob(writer: Writer, id: string, worker: Worker, result: unknown): Promise<boolean> {
	if (!(await isOwner(writer, id, worker))) return false;
	const at = isoTime(worker.nowMs);
	await writer.run(sql`
		UPDATE memory_jobs SET status = 'completed', result = ${result === undefined ? null : JSON.stringify(result)},
			error = NULL, completed_at = ${at}, updated_at = ${at} WHERE id = ${id}`);
	await writer.run(sql`DELETE FROM sgn_job_leases WHERE job_id = ${id}`);
	return true;
}

/** Say that a job is not done. Resolves to false, with nothing changed, when it is somebody else's by now. */
export async function failJob(writer: Writer, id: string, worker: Worker, setback: Setback): Promise<boolean> {
	if (!(await isOwner(writer, id, worker))) return false;
	await release(writer, id, worker.nowMs, setback);
	return true;
}

/**
 * Take back what a process that is gone had under way, as the only one that works on this queue: what has attempts left
 * is due at once.
 */
export async function releaseLeases(writer: Writer, type: JobType, nowMs: number): Promise<void> {
	const leased = await writer.all<Pick<JobRow, "id" | "attempts" | "max_attempts">>(sql`
		SELECT id, attempts, max_attempts FROM memory_jobs WHERE job_type = ${type} AND status = 'leased'`);
	for (const { id, attempts, max_attempts } of leased) {
		const isExhausted = attempts >= max_attempts;
		await release(writer, id, nowMs, { error: "lease expired", dueMs: isExhausted ? "never" : nowMs });
	}
}

async function release(writer: Writer, id: string, nowMs: number, { error, dueMs }: Setback): Promise<void> {
	const at = isoTime(nowMs);
	const isDead = dueMs === "never";
	await writer.run(sql`
		UPDATE memory_jobs SET status = ${isDead ? "dead" : "pending"}, error = ${error}, failed_at = ${at},
			leased_at = NULL, updated_at = ${at} WHERE id = ${id}`);
	if (isDead) await writer.run(sql`DELETE FROM sgn_job_leases WHERE job_id = ${id}`);
	else {
		await writer.run(sql`
			INSERT INTO sgn_job_leases (job_id, due_ms) VALUES (${id}, ${dueMs})
			ON CONFLICT (job_id) DO UPDATE SET due_ms = excluded.due_ms, owner = NULL, leased_until_ms = NULL`);
	}
}

async function isOwner(reader: Reader, id: string, { owner }: Worker): Promise<boolean> {
	const row = await reader.get(sql`SELECT 1 FROM sgn_job_leases WHERE job_id = ${id} AND owner = ${owner}`);
	return row !== undefined;
}
