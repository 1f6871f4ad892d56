import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

/** A row of the reference's `embeddings`: at most one for each hash in the whole file. */
export interface NewEmbedding {
	readonly id: string;
	readonly contentHash: string;
	readonly vector: Float32Array;
	readonly memoryId: string;
	readonly chunkText: string;
	readonly createdAt: string;
}

/** Store the vector of a content for a memory, replacing what stood under the hash; a row keeps its id. */
export async function putEmbedding(writer: Writer, embedding: NewEmbedding): Promise<void> {
	const { id, contentHash, vector, memoryId, chunkText, createdAt } = embedding;
	const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
	await writer.run(sql`
		INSERT INTO embeddings (id, content_hash, vector, dimensions, source_type, source_id, chunk_text, created_at)
		VALUES (${id}, ${contentHash}, ${bytes}, ${vector.length}, 'memory', ${memoryId}, ${chunkText}, ${createdAt})
		ON CONFLICT (content_hash) DO UPDATE SET vector = excluded.vector, dimensions = excluded.dimensions,
			source_type = excluded.source_type, source_id = excluded.source_id, chunk_text = excluded.chunk_text,
			created_at = excluded.created_at`);
	await writer.run(sql`DELETE FROM umap_cache`);
}

/** Give a vector that stands under a hash to a memory. */
export async function claimEmbedding(writer: Writer, contentHash: string, memoryId: string): Promise<void> {
	await writer.run(sql`
		UPDATE embeddings SET source_id = ${memoryId}
		WHERE content_hash = ${contentHash} AND source_type = 'memory' AND source_id <> ${memoryId}`);
}

/** Remove what stands for other contents of a memory than this one. */
export async function deleteOtherEmbeddings(writer: Writer, memoryId: string, contentHash: string): Promise<void> {
	await writer.run(sql`
		DELETE FROM embeddings WHERE source_type = 'memory' AND source_id = ${memoryId} AND content_hash <> ${contentHash}`);
}

/** The vector that stands under a hash. */
export async function findEmbedding(reader: Reader, contentHash: string): Promise<Float32Array | undefined> {
	const row = await reader.get<{ vector: Uint8Array; dimensions: number }>(
		sql`SELECT vector, dimensions FROM embeddings WHERE content_hash = ${contentHash}`,
	);
	return row && numbersOf(row.vector, row.dimensions);
}

/**
 * The vectors of memories, by the memory: the newest where there are several. As other programs stored them, so of any
 * length; memories without one are left out.
 */
export async function embeddingsOfMemories(
	reader: Reader,
	memoryIds: readonly string[],
): Promise<Map<string, Float32Array>> {
	const rows = await reader.all<{ memoryId: string; vector: Uint8Array; dimensions: number }>(sql`
		SELECT source_id AS memoryId, vector, dimensions FROM embeddings
		WHERE source_type = 'memory' AND source_id IN ${list(memoryIds)} ORDER BY created_at`);
	const vectors = new Map<string, Float32Array>();
	for (const { memoryId, vector, dimensions } of rows) {
		if (!(vector instanceof Uint8Array)) continue;
		const held = Math.floor(vector.byteLength / 4);
		const numbers = numbersOf(vector, dimensions > 0 && dimensions <= held ? dimensions : held);
		if (numbers && numbers.length > 0) vectors.set(memoryId, numbers);
	}
	return vectors;
}

/** Numbers of four bytes each (IEEE 754, little-endian); undefined when there are not so many. */
function numbersOf(bytes: Uint8Array, dimensions: number): Float32Array | undefined {
	if (!(bytes instanceof Uint8Array) || bytes.byteLength < 4 * dimensions) return undefined;
	return new Float32Array(bytes.slice(0, 4 * dimensions).buffer);
}

/** Say which model made the vector of a memory. */
export async function setEmbeddingModel(writer: Writer, memoryId: string, model: string): Promise<void> {
	await writer.run(sql`UPDATE memories SET embedding_model = ${model} WHERE id = ${memoryId}`);
}
