import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/**
 * Texts that were erased for good. What is kept of each is a keyed hash: enough to know it when it comes again, and
 * nothing to read.
 */
export async function isErased(reader: Reader, fingerprint: string): Promise<boolean> {
	return (await reader.get(sql`SELECT 1 FROM sgn_erased WHERE fingerprint = ${fingerprint}`)) !== undefined;
}

/** `erasedAt` is ISO-8601 UTC. */
export async function addErased(writer: Writer, fingerprint: string, erasedAt: string): Promise<void> {
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_erased (fingerprint, erased_at) VALUES (${fingerprint}, ${erasedAt})`);
}

/** Let a text be kept again. */
export async function removeErased(writer: Writer, fingerprint: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_erased WHERE fingerprint = ${fingerprint}`);
}
