import sql, { join, raw } from "sql-template-tag";
import type { Erased, Writer } from "../database.ts";

/** Tables of later versions of the reference that hold texts of memories or words made from them. */
const LATER_TABLES: Readonly<Record<string, { readonly holdsText: boolean }>> = {
	memories_cold: { holdsText: true },
	memory_hints: { holdsText: false },
};

/** Remove a memory from tables that the file has when a later version of the reference has used it. */
export async function eraseFromLaterTables(writer: Writer, { id, texts }: Erased): Promise<void> {
	for (const [table, { holdsText }] of Object.entries(LATER_TABLES)) {
		const isThere = await writer.get(sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${table}`);
		if (!isThere) continue;
		const saysIt = holdsText ? sql` OR content IN (${join(texts)})` : sql``;
		await writer.run(sql`DELETE FROM ${raw(table)} WHERE memory_id = ${id}${saysIt}`);
	}
}
