import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** A memory whose documents are behind, with what they are made from. `content` is null when it is gone. */
export interface ChangedMemory {
	readonly memoryId: string;
	readonly content: string | null;
	readonly tags: string | null;
	readonly who: string | null;
	readonly project: string | null;
	readonly createdAt: string | null;
}

/** A memory or a chunk of one, as it is searched: `content.slice(start, end)`. */
export interface StoredDocument {
	readonly doc: number;
	readonly chunk: number;
	readonly fingerprint: number;
}

export interface NewDocument {
	readonly memoryId: string;
	readonly chunk: number;
	/** The id under which the chunk is known to clients; null for a whole memory. */
	readonly chunkId: string | null;
	readonly start: number;
	readonly end: number;
	/** Equal for equal texts. */
	readonly fingerprint: number;
	/** The hash under which its vector stands in `embeddings`; null for chunks, whose vectors are ours alone. */
	readonly embeddingHash: string | null;
}

/** The memories changed last, at most `limit`. Forgotten ones count as gone. */
export function changedMemories(reader: Reader, limit: number): Promise<ChangedMemory[]> {
	return reader.all<ChangedMemory>(sql`
		SELECT c.memory_id AS memoryId, m.content, m.tags, m.who, m.project, m.created_at AS createdAt
		FROM sgn_changes c LEFT JOIN memories m ON m.id = c.memory_id AND COALESCE(m.is_deleted, 0) = 0
		ORDER BY c.seq DESC LIMIT ${limit}`);
}

export async function countChanges(reader: Reader): Promise<number> {
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM sgn_changes`))?.n ?? 0;
}

/** Say that the documents of a memory are up to date. */
export async function settleChange(writer: Writer, memoryId: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_changes WHERE memory_id = ${memoryId}`);
}

/** Say that the documents of every memory are to be made again. */
export async function markAllChanged(writer: Writer): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_changes`);
	await writer.run(sql`INSERT INTO sgn_changes (memory_id) SELECT id FROM memories ORDER BY created_at`);
}

export function documentsOf(reader: Reader, memoryId: string): Promise<StoredDocument[]> {
	return reader.all<StoredDocument>(
		sql`SELECT doc, chunk, fingerprint FROM sgn_documents WHERE memory_id = ${memoryId} ORDER BY chunk`,
	);
}

/** Resolves to the new document's number. */
export async function insertDocument(writer: Writer, document: NewDocument): Promise<number> {
	const { memoryId, chunk, chunkId, start, end, fingerprint, embeddingHash } = document;
	const row = await writer.get<{ doc: number }>(sql`
		INSERT INTO sgn_documents (memory_id, chunk, chunk_id, text_start, text_end, fingerprint, embedding_hash)
		VALUES (${memoryId}, ${chunk}, ${chunkId}, ${start}, ${end}, ${fingerprint}, ${embeddingHash}) RETURNING doc`);
	if (!row) throw new Error("a document was inserted without a number");
	return row.doc;
}

/** Remove a document with its words and vectors. */
export async function deleteDocument(writer: Writer, doc: number): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_documents WHERE doc = ${doc}`);
}

export async function countDocuments(reader: Reader): Promise<number> {
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM sgn_documents`))?.n ?? 0;
}
