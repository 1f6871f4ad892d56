import sql, { join, raw, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/**
 * Texts that no program is to bring back: those that were erased for good, and those that were forgotten so long ago that
 * their rows are gone. What is kept of each is a keyed hash: enough to know it when it comes again, and nothing to read.
 */
export type Absence = "erased" | "forgotten";

/** Names the key of the hashes among the small facts (`state.ts`). */
export const ABSENCE_KEY = "erasure-key";

const tableOf = (absence: Absence): Sql => raw(`sgn_${absence}`);

export async function isAbsent(reader: Reader, absence: Absence, fingerprint: string): Promise<boolean> {
	const row = await reader.get(sql`SELECT 1 FROM ${tableOf(absence)} WHERE fingerprint = ${fingerprint}`);
	return row !== undefined;
}

/** `at` is ISO-8601 UTC. */
export async function addAbsent(writer: Writer, absence: Absence, fingerprint: string, at: string): Promise<void> {
	await writer.run(sql`
		INSERT OR REPLACE INTO ${tableOf(absence)} (fingerprint, ${raw(`${absence}_at`)}) VALUES (${fingerprint}, ${at})`);
}

/** Let a text be kept again. */
export async function removeAbsent(writer: Writer, absence: Absence, fingerprint: string): Promise<void> {
	await writer.run(sql`DELETE FROM ${tableOf(absence)} WHERE fingerprint = ${fingerprint}`);
}

/** Memories that were erased and whose traces are still to be removed. */
export async function unfinishedErasures(reader: Reader): Promise<string[]> {
	const rows = await reader.all<{ id: string }>(sql`
		SELECT memory_id AS id FROM memory_jobs WHERE job_type = 'erase' AND status <> 'completed'`);
	return rows.map(({ id }) => id);
}

/** Say that nothing is left of memories that were erased. `at` is ISO-8601 UTC. */
export async function finishErasures(writer: Writer, ids: readonly string[], at: string): Promise<void> {
	if (ids.length === 0) return;
	const jobs = await writer.all<{ id: string }>(sql`
		UPDATE memory_jobs SET status = 'completed', error = NULL, completed_at = ${at}, updated_at = ${at}
		WHERE job_type = 'erase' AND status <> 'completed' AND memory_id IN (${join(ids)}) RETURNING id`);
	for (const { id } of jobs) await writer.run(sql`DELETE FROM sgn_job_leases WHERE job_id = ${id}`);
}
