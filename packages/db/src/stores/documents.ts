import { EVERYTHING, isScoped, type MemoryFilter, type MemoryScope } from "@signet/core";
import sql, { join, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { addLexiconEntry, replaceLexiconEntry } from "../sqlite/lexicon.ts";
import { list } from "../sqlite/list.ts";
import { foundByIndex, memoryPredicate } from "../sqlite/memory-predicate.ts";

/** A memory whose documents are behind, with what they are made from. `content` is null when it is gone. */
export interface ChangedMemory {
	readonly memoryId: string;
	readonly content: string | null;
	readonly type: string | null;
	readonly tags: string | null;
	readonly who: string | null;
	readonly project: string | null;
	readonly createdAt: string | null;
	/** Null for rows of writers that make none. */
	readonly contentHash: string | null;
	/** Model of its vector in `embeddings`, when the row names one. */
	readonly embeddingModel: string | null;
	readonly sessionId: string | null;
	readonly sourceType: string | null;
	/** Its place among all memories in the order in which they were stored; null when it is gone. */
	readonly stored: number | null;
	/** Its place in its session, where somebody said so. */
	readonly position: number | null;
	/** What its speaker is in the conversation, where somebody said so. */
	readonly role: string | null;
}

/** A memory or a chunk of one, as it is searched: `content.slice(start, end)`. */
export interface StoredDocument {
	readonly doc: number;
	readonly chunk: number;
	readonly start: number;
	readonly end: number;
	readonly fingerprint: number;
	readonly embeddingHash: string | null;
	readonly wordsFrom: number;
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
	/** The words that it is found by, each with a blank before and behind it. */
	readonly words: string;
	/** How many words its text has. */
	readonly wordCount: number;
	/** A hash of what its words were made from, beyond its text. */
	readonly wordsFrom: number;
}

/** A document as a search compares it. */
export interface SearchedDocument {
	readonly doc: number;
	readonly memoryId: string;
	/** Each with a blank before and behind it. */
	readonly words: string;
	/** How many words its text has. */
	readonly wordCount: number;
	/** Where the text of a chunk stands in its memory; both null for a whole memory. */
	readonly start: number | null;
	readonly end: number | null;
}

/**
 * The memories changed last, at most `limit`. Forgotten ones count as gone. Other programs may have stored anything: it is
 * read as text.
 */
export function changedMemories(reader: Reader, limit: number): Promise<ChangedMemory[]> {
	return reader.all<ChangedMemory>(sql`
		SELECT c.memory_id AS memoryId, CAST(m.content AS TEXT) AS content, CAST(m.type AS TEXT) AS type,
			CAST(m.tags AS TEXT) AS tags,
			CAST(m.who AS TEXT) AS who, CAST(m.project AS TEXT) AS project, CAST(m.created_at AS TEXT) AS createdAt,
			m.content_hash AS contentHash, m.embedding_model AS embeddingModel,
			CAST(m.session_id AS TEXT) AS sessionId, CAST(m.source_type AS TEXT) AS sourceType, m.rowid AS stored,
			t.position, t.role
		FROM sgn_changes c LEFT JOIN memories m ON m.id = c.memory_id AND COALESCE(m.is_deleted, 0) = 0
			LEFT JOIN sgn_turns t ON t.memory_id = m.id
		ORDER BY c.seq DESC LIMIT ${limit}`);
}

export async function countChanges(reader: Reader): Promise<number> {
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM sgn_changes`))?.n ?? 0;
}

/** Say that the documents of a memory are up to date. */
export async function settleChange(writer: Writer, memoryId: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_changes WHERE memory_id = ${memoryId}`);
}

/** Say that every memory is to be looked at again. */
export async function markAllChanged(writer: Writer): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_changes`);
	await writer.run(sql`INSERT INTO sgn_changes (memory_id) SELECT id FROM memories ORDER BY created_at`);
}

/** The documents of a memory, in no particular order: having them ordered takes longer than reading them. */
export function documentsOf(reader: Reader, memoryId: string): Promise<StoredDocument[]> {
	return reader.all<StoredDocument>(
		sql`SELECT doc, chunk, text_start AS start, text_end AS "end", fingerprint,
			embedding_hash AS embeddingHash, words_from AS wordsFrom
			FROM sgn_documents WHERE memory_id = ${memoryId}`,
	);
}

/** Resolves to the new document's number. */
export async function insertDocument(writer: Writer, document: NewDocument): Promise<number> {
	const { memoryId, chunk, chunkId, start, end, fingerprint, embeddingHash, words, wordCount, wordsFrom } = document;
	const doc = await writer.insert(sql`
		INSERT INTO sgn_documents (memory_id, chunk, chunk_id, text_start, text_end, fingerprint, embedding_hash,
			words, word_count, words_from)
		VALUES (${memoryId}, ${chunk}, ${chunkId}, ${start}, ${end}, ${fingerprint}, ${embeddingHash},
			${words}, ${wordCount}, ${wordsFrom})`);
	await addLexiconEntry(writer, doc, words);
	return doc;
}

/** Say where the text of a document stands now. */
export async function moveDocument(
	writer: Writer,
	doc: number,
	{ start, end }: Pick<NewDocument, "start" | "end">,
): Promise<void> {
	await writer.run(sql`UPDATE sgn_documents SET text_start = ${start}, text_end = ${end} WHERE doc = ${doc}`);
}

/** The ids of a memory's chunks, in their order; none for a memory that is searched as a whole. */
export async function chunkIdsOf(reader: Reader, memoryId: string): Promise<string[]> {
	const rows = await reader.all<{ id: string }>(sql`
		SELECT chunk_id AS id FROM sgn_documents WHERE memory_id = ${memoryId} AND chunk_id IS NOT NULL ORDER BY chunk`);
	return rows.map(({ id }) => id);
}

/** Whether the documents of a memory are behind. */
export async function isChanged(reader: Reader, memoryId: string): Promise<boolean> {
	return (await reader.get(sql`SELECT 1 FROM sgn_changes WHERE memory_id = ${memoryId}`)) !== undefined;
}

/** Give a document other words. */
export async function updateDocumentWords(
	writer: Writer,
	doc: number,
	{ words, wordCount, wordsFrom }: Pick<NewDocument, "words" | "wordCount" | "wordsFrom">,
): Promise<void> {
	await writer.run(sql`
		UPDATE sgn_documents SET words = ${words}, word_count = ${wordCount}, words_from = ${wordsFrom}
		WHERE doc = ${doc}`);
	await replaceLexiconEntry(writer, doc, words);
}

/** Remove a document with its words and vectors. */
export async function deleteDocument(writer: Writer, doc: number): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_documents WHERE doc = ${doc}`);
}

/** The greatest number of a document; 0 when there is none. */
export async function lastDocument(reader: Reader): Promise<number> {
	return (await reader.get<{ doc: number | null }>(sql`SELECT max(doc) AS doc FROM sgn_documents`))?.doc ?? 0;
}

/** How many documents there are, or only those of memories in a scope. */
export async function countDocuments(reader: Reader, scope: MemoryScope = EVERYTHING): Promise<number> {
	const from = isScoped(scope) ? documentsOfScope(scope) : sql`sgn_documents`;
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM ${from}`))?.n ?? 0;
}

/** How many documents of memories in a scope there are from one on. */
export async function countDocumentsSince(reader: Reader, scope: MemoryScope, first: number): Promise<number> {
	const from = sql`${documentsOfScope(scope)} AND d.doc >= ${first}`;
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM ${from}`))?.n ?? 0;
}

function documentsOfScope(scope: MemoryScope): Sql {
	const isOwned = scope.agent !== undefined || scope.user !== undefined;
	return isOwned ? documentsOwned(scope) : documentsOfFilter({ scope });
}

/** The documents of a scope with an owner. To count them, which forgotten memories have none of, no memory need be read. */
function documentsOwned({ project, agent, user }: MemoryScope): Sql {
	const conditions = [
		...(agent === undefined ? [] : [sql`o.agent = ${agent}`]),
		...(user === undefined ? [] : [sql`o.user = ${user}`]),
		...(project === undefined ? [] : [sql`o.memory_id IN (SELECT id FROM memories WHERE project = ${project})`]),
	];
	return sql`sgn_memory_owners o CROSS JOIN sgn_documents d ON d.memory_id = o.memory_id
		WHERE ${join(conditions, " AND ")}`;
}

/** The memories that a filter lets through and their documents, as `m` and `d`, beginning with the memories. */
function documentsOfFilter(filter: MemoryFilter): Sql {
	return sql`memories m CROSS JOIN sgn_documents d ON d.memory_id = m.id
		WHERE ${foundByIndex(filter)} AND ${memoryPredicate(filter)}`;
}

/** Which documents belong to memories that the filter lets through: among the given ones, or of all there are. */
export async function documentsAllowed(
	reader: Reader,
	filter: MemoryFilter,
	docs?: readonly number[],
): Promise<Set<number>> {
	const among = docs
		? sql`sgn_documents d JOIN memories m ON m.id = d.memory_id
			WHERE d.doc IN ${list(docs)} AND ${memoryPredicate(filter)}`
		: documentsOfFilter(filter);
	const rows = await reader.all<{ doc: number }>(sql`SELECT d.doc FROM ${among}`);
	return new Set(rows.map(({ doc }) => doc));
}

/** Documents by their numbers, in no particular order; those that are gone are left out. */
export function readDocuments(reader: Reader, docs: readonly number[]): Promise<SearchedDocument[]> {
	if (docs.length === 0) return Promise.resolve([]);
	return reader.all<SearchedDocument>(sql`
		SELECT doc, memory_id AS memoryId, words, word_count AS wordCount, CASE WHEN chunk_id IS NULL THEN NULL ELSE text_start END AS start,
			CASE WHEN chunk_id IS NULL THEN NULL ELSE text_end END AS "end"
		FROM json_each(${JSON.stringify(docs)}) wanted CROSS JOIN sgn_documents ON doc = wanted.value`);
}

/** The memories of documents, by the documents' numbers. */
export async function memoryIdsOfDocuments(reader: Reader, docs: readonly number[]): Promise<Map<number, string>> {
	const rows = await reader.all<{ doc: number; memoryId: string }>(
		sql`SELECT doc, memory_id AS memoryId FROM sgn_documents WHERE doc IN ${list(docs)}`,
	);
	return new Map(rows.map(({ doc, memoryId }) => [doc, memoryId]));
}

/** The documents of several memories, with the memory of each. */
export async function documentsOfMemories(reader: Reader, memoryIds: readonly string[]): Promise<Map<number, string>> {
	const rows = await reader.all<{ doc: number; memoryId: string }>(
		sql`SELECT doc, memory_id AS memoryId FROM sgn_documents WHERE memory_id IN ${list(memoryIds)}`,
	);
	return new Map(rows.map(({ doc, memoryId }) => [doc, memoryId]));
}
