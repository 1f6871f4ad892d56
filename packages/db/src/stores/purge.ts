import sql from "sql-template-tag";
import type { Writer } from "../database.ts";

/**
 * Remove a memory with everything that belongs to it alone except its history. What is derived from it goes in the same
 * commit. Resolves to the ids of the rows of `embeddings` that went with it.
 */
export async function purgeMemory(writer: Writer, id: string): Promise<string[]> {
	const embeddings = await writer.all<{ id: string }>(sql`
		DELETE FROM embeddings WHERE source_type = 'memory' AND source_id = ${id} RETURNING id`);
	await writer.run(sql`DELETE FROM umap_cache`);
	await writer.run(sql`DELETE FROM memory_jobs WHERE memory_id = ${id} AND job_type <> 'erase'`);
	await writer.run(sql`DELETE FROM memory_entity_mentions WHERE memory_id = ${id}`);
	await writer.run(sql`DELETE FROM session_memories WHERE memory_id = ${id}`);
	await writer.run(sql`DELETE FROM document_memories WHERE memory_id = ${id}`);
	await writer.run(sql`DELETE FROM sgn_requests WHERE memory_id = ${id}`);
	await writer.run(sql`DELETE FROM memories WHERE id = ${id}`);
	return embeddings.map(({ id }) => id);
}
