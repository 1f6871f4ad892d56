import sql, { raw, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/**
 * Texts that no program is to bring back: those that were erased for good, and those that were forgotten so long ago that
 * their rows are gone. What is kept of each is a keyed hash: enough to know it when it comes again, and nothing to read.
 */
export type Absence = "erased" | "forgotten";

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
