import { isScoped, type MemoryScope } from "@signet/core";
import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { scopePredicate } from "../sqlite/memory-predicate.ts";

/** Write down for whom a memory was stored; of a scope without agent and user nothing is kept. */
export async function putMemoryOwner(writer: Writer, memoryId: string, { agent, user }: MemoryScope): Promise<void> {
	if (agent === undefined && user === undefined) return;
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_memory_owners (memory_id, agent, user)
		VALUES (${memoryId}, ${agent ?? null}, ${user ?? null})`);
}

/** Whether a memory that is known to be there, forgotten or not, is in a scope. */
export async function isInScope(reader: Reader, memoryId: string, scope: MemoryScope): Promise<boolean> {
	if (!isScoped(scope)) return true;
	const found = await reader.get(sql`SELECT 1 FROM memories m WHERE m.id = ${memoryId} AND ${scopePredicate(scope)}`);
	return found !== undefined;
}
