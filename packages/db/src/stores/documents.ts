import type { MemoryFilter } from "@signet/core";
import sql, { empty } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";
import { memoryPredicate } from "../sqlite/memory-predicate.ts";

/** A memory whose documents are behind, with what they are made from. `content` is null when it is gone. */
export interface ChangedMemory {
	readonly memoryId: string;
	readonly content: string | null;
	readonly tags: string | null;
	readonly who: string | null;
	readonly project: string | null;
	readonly createdAt: string | null;
	/** Null for rows of writers that make none. */
	readonly contentHash: string | null;
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
	/**
	 * The hash under which its vector stands in `embeddings`; null where that has no place for it: for chunks, and for
	 * memories without a hash. Those vectors are ours alone.
	 */
	readonly embeddingHash: string | null;
}

/** The memories changed last, at most `limit`. Forgotten ones count as gone. */
export function changedMemories(reader: Reader, limit: number): Promise<ChangedMemory[]> {
	return reader.all<ChangedMemory>(sql`
		SELECT c.memory_id AS memoryId, m.content, m.tags, m.who, m.project, m.created_at AS createdAt, m.content_hash AS contentHash
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

/**
 * Which documents belong to memories that the filter lets through, with the memory of each: among the given ones, or of
 * all there are.
 */
export async function documentsAllowed(
	reader: Reader,
	filter: MemoryFilter,
	docs?: readonly number[],
): Promise<Map<number, string>> {
	const among = docs ? sql`d.doc IN ${list(docs)} AND` : empty;
	const rows = await reader.all<{ doc: number; memoryId: string }>(sql`
		SELECT d.doc, d.memory_id AS memoryId FROM sgn_documents d JOIN memories m ON m.id = d.memory_id
		WHERE ${among} ${memoryPredicate(filter)}`);
	return new Map(rows.map(({ doc, memoryId }) => [doc, memoryId]));
}

/** Where the text of chunks stands in their memories; whole memories are left out. */
export async function chunkSpans(
	reader: Reader,
	docs: readonly number[],
): Promise<Map<number, { start: number; end: number }>> {
	const rows = await reader.all<{ doc: number; start: number; end: number }>(sql`
		SELECT doc, text_start AS start, text_end AS "end" FROM sgn_documents
		WHERE doc IN ${list(docs)} AND chunk_id IS NOT NULL`);
	return new Map(rows.map(({ doc, start, end }) => [doc, { start, end }]));
}

/** The documents of several memories, with the memory of each. */
export async function documentsOfMemories(reader: Reader, memoryIds: readonly string[]): Promise<Map<number, string>> {
	const rows = await reader.all<{ doc: number; memoryId: string }>(
		sql`SELECT doc, memory_id AS memoryId FROM sgn_documents WHERE memory_id IN ${list(memoryIds)}`,
	);
	return new Map(rows.map(({ doc, memoryId }) => [doc, memoryId]));
}
