import type { MemoryFilter, MemoryScope, NormalisedContent } from "@signet/core";
import sql, { join } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";
import { MEMORY_COLUMNS, SHOWN_COLUMNS } from "../sqlite/memory-columns.ts";
import { IS_ACTIVE, memoryPredicate, scopePredicate } from "../sqlite/memory-predicate.ts";
import { deleteOtherEmbeddings } from "./embeddings.ts";

/** A row of `memories`, as far as anybody reads it. Old rows may lack what the types promise to new ones. */
export interface MemoryRow {
	readonly id: string;
	readonly content: string;
	readonly type: string;
	readonly importance: number;
	/** As stored: a comma list, a JSON array, or nothing. */
	readonly tags: string | null;
	readonly pinned: number;
	readonly who: string | null;
	readonly source_type: string | null;
	readonly source_id: string | null;
	readonly project: string | null;
	readonly session_id: string | null;
	readonly confidence: number | null;
	readonly access_count: number;
	readonly last_accessed: string | null;
	readonly is_deleted: number;
	readonly deleted_at: string | null;
	readonly extraction_status: string | null;
	readonly embedding_model: string | null;
	readonly version: number;
	readonly created_at: string;
	readonly updated_at: string;
	readonly updated_by: string;
	readonly content_hash: string | null;
}

/** What of a row a search shows. */
export type ShownMemory = Pick<
	MemoryRow,
	"id" | "content" | "type" | "importance" | "tags" | "pinned" | "who" | "project" | "created_at"
>;

/** What a writer gives; every other column takes its default. */
export interface NewMemory {
	readonly id: string;
	readonly content: string;
	readonly normalizedContent: string;
	readonly contentHash: string;
	readonly type: string;
	readonly category: string | null;
	readonly confidence: number;
	readonly importance: number;
	readonly tags: string | null;
	readonly pinned: boolean;
	readonly who: string;
	readonly why: string | null;
	readonly project: string | null;
	readonly sessionId: string | null;
	readonly sourceType: string;
	readonly sourceId: string | null;
	readonly idempotencyKey: string | null;
	readonly runtimePath: string | null;
	readonly extractionStatus: string;
	/** ISO-8601 UTC. */
	readonly createdAt: string;
	readonly updatedAt: string;
	readonly updatedBy: string;
}

export async function insertMemory(writer: Writer, memory: NewMemory): Promise<void> {
	await writer.run(sql`
		INSERT INTO memories (id, content, normalized_content, content_hash, type, category, confidence, importance, tags,
			pinned, who, why, project, session_id, source_type, source_id, idempotency_key, runtime_path,
			extraction_status, is_deleted, created_at, updated_at, updated_by)
		VALUES (${memory.id}, ${memory.content}, ${memory.normalizedContent}, ${memory.contentHash}, ${memory.type},
			${memory.category}, ${memory.confidence}, ${memory.importance}, ${memory.tags}, ${memory.pinned},
			${memory.who}, ${memory.why}, ${memory.project}, ${memory.sessionId}, ${memory.sourceType},
			${memory.sourceId}, ${memory.idempotencyKey}, ${memory.runtimePath}, ${memory.extractionStatus}, 0,
			${memory.createdAt}, ${memory.updatedAt}, ${memory.updatedBy})`);
}

/** What is to be different about a memory; what is left out stays. */
export interface MemoryUpdate {
	readonly content?: NormalisedContent;
	/** What is to become of the facts of a new content. */
	readonly extractionStatus?: string;
	readonly type?: string;
	readonly tags?: string | null;
	readonly importance?: number;
	readonly pinned?: boolean;
	readonly project?: string | null;
	/** When it was forgotten, ISO-8601 UTC; null brings it back. */
	readonly forgottenAt?: string | null;
	/** A version of it elsewhere, which the new one is to be later than. */
	readonly laterThan?: number;
	/** ISO-8601 UTC. */
	readonly updatedAt: string;
	readonly updatedBy: string;
}

/** Change a memory; its version goes up by one, unless it is to be later than another one. */
export async function updateMemory(writer: Writer, id: string, update: MemoryUpdate): Promise<void> {
	const { content, extractionStatus, type, tags, importance, pinned, project, forgottenAt, laterThan = 0 } = update;
	const assignments = [sql`updated_at = ${update.updatedAt}`, sql`updated_by = ${update.updatedBy}`];
	// Columns that stay are left out: their triggers would do their work for nothing.
	if (content) {
		assignments.push(sql`content = ${content.storage}, normalized_content = ${content.normalised},
			content_hash = ${content.hash}, extraction_status = ${extractionStatus ?? "none"}, extraction_model = NULL,
			embedding_model = NULL`);
	}
	if (type !== undefined) assignments.push(sql`type = ${type}`);
	if (tags !== undefined) assignments.push(sql`tags = ${tags}`);
	if (importance !== undefined) assignments.push(sql`importance = ${importance}`);
	if (pinned !== undefined) assignments.push(sql`pinned = ${pinned}`);
	if (project !== undefined) assignments.push(sql`project = ${project}`);
	// To be forgotten and to come back is a new version, but no update.
	if (forgottenAt === undefined) assignments.push(sql`update_count = COALESCE(update_count, 0) + 1`);
	else assignments.push(sql`is_deleted = ${forgottenAt !== null}`, sql`deleted_at = ${forgottenAt}`);
	await writer.run(sql`
		UPDATE memories SET ${join(assignments)},
			version = CASE WHEN COALESCE(version, 1) < ${laterThan} THEN ${laterThan} ELSE COALESCE(version, 1) END + 1
		WHERE id = ${id}`);
	// What it said before has no vector any more.
	if (content) await deleteOtherEmbeddings(writer, id, content.hash);
}

/** The memory of that id, forgotten or not; one outside of the scope counts as none. */
export function findMemory(reader: Reader, id: string, scope: MemoryScope): Promise<MemoryRow | undefined> {
	return reader.get<MemoryRow>(
		sql`SELECT ${MEMORY_COLUMNS} FROM memories m WHERE m.id = ${id} AND ${scopePredicate(scope)}`,
	);
}

/** The memory that has a chunk of that id, unless it was forgotten; one outside of the scope counts as none. */
export function findMemoryOfChunk(reader: Reader, chunkId: string, scope: MemoryScope): Promise<MemoryRow | undefined> {
	return reader.get<MemoryRow>(sql`
		SELECT ${MEMORY_COLUMNS} FROM sgn_documents d JOIN memories m ON m.id = d.memory_id
		WHERE d.chunk_id = ${chunkId} AND ${IS_ACTIVE} AND ${scopePredicate(scope)}`);
}

/** The one memory of all that says something: no other may, whatever scope it is in. */
export function findActiveByHash(reader: Reader, contentHash: string): Promise<MemoryRow | undefined> {
	return reader.get<MemoryRow>(
		sql`SELECT ${MEMORY_COLUMNS} FROM memories m WHERE m.content_hash = ${contentHash} AND ${IS_ACTIVE} AND m.is_deleted = 0`,
	);
}

/** The memory that was forgotten last of those with a content, in a scope. */
export async function findForgottenByHash(
	reader: Reader,
	contentHash: string,
	scope: MemoryScope,
): Promise<MemoryRow | undefined> {
	// Most often there is none, and to have them ordered takes longer than to look.
	const forgotten = await reader.all<MemoryRow>(sql`
		SELECT ${MEMORY_COLUMNS} FROM memories m INDEXED BY sgn_memories_forgotten
		WHERE m.content_hash = ${contentHash} AND m.is_deleted = 1 AND ${scopePredicate(scope)}`);
	return forgotten.toSorted((a, b) => ((a.deleted_at ?? "") < (b.deleted_at ?? "") ? 1 : -1))[0];
}

/** Those that were forgotten of the memories with a content, the last one first. */
export function findAllForgottenByHash(
	reader: Reader,
	contentHash: string,
	limit: number,
): Promise<Pick<MemoryRow, "id" | "updated_by">[]> {
	return reader.all(sql`
		SELECT m.id, m.updated_by FROM memories m INDEXED BY sgn_memories_forgotten
		WHERE m.content_hash = ${contentHash} AND m.is_deleted = 1
		ORDER BY m.deleted_at DESC LIMIT ${limit}`);
}

export function findActiveBySource(
	reader: Reader,
	sourceType: string,
	sourceId: string,
	scope: MemoryScope,
): Promise<MemoryRow | undefined> {
	return reader.get<MemoryRow>(sql`
		SELECT ${MEMORY_COLUMNS} FROM memories m
		WHERE m.source_type = ${sourceType} AND m.source_id = ${sourceId} AND ${IS_ACTIVE} AND ${scopePredicate(scope)}
		ORDER BY m.created_at DESC LIMIT 1`);
}

/** Memories of a source that were forgotten. */
export function findForgottenBySource(reader: Reader, sourceType: string, sourceId: string): Promise<MemoryRow[]> {
	return reader.all<MemoryRow>(sql`
		SELECT ${MEMORY_COLUMNS} FROM memories m
		WHERE m.source_type = ${sourceType} AND m.source_id = ${sourceId} AND m.is_deleted = 1`);
}

/** The memory, forgotten or not, that was stored under an idempotency key. */
export function findByIdempotencyKey(reader: Reader, key: string): Promise<MemoryRow | undefined> {
	return reader.get<MemoryRow>(sql`SELECT ${MEMORY_COLUMNS} FROM memories m WHERE m.idempotency_key = ${key}`);
}

/** Memories by their ids, as far as the filter lets them through; in no particular order. */
export function readMemories(reader: Reader, ids: readonly string[], filter: MemoryFilter): Promise<MemoryRow[]> {
	if (ids.length === 0) return Promise.resolve([]);
	return reader.all<MemoryRow>(
		sql`SELECT ${MEMORY_COLUMNS} FROM memories m WHERE m.id IN ${list(ids)} AND ${memoryPredicate(filter)}`,
	);
}

/** What a search shows of memories, by their ids, as far as the filter lets them through; in no particular order. */
export function readShownMemories(
	reader: Reader,
	ids: readonly string[],
	filter: MemoryFilter,
): Promise<ShownMemory[]> {
	if (ids.length === 0) return Promise.resolve([]);
	return reader.all<ShownMemory>(
		sql`SELECT ${SHOWN_COLUMNS} FROM memories m WHERE m.id IN ${list(ids)} AND ${memoryPredicate(filter)}`,
	);
}

/** Memories from the pinned and most important on. */
export function heaviestMemories(reader: Reader, filter: MemoryFilter, limit: number): Promise<MemoryRow[]> {
	return reader.all<MemoryRow>(sql`
		SELECT ${MEMORY_COLUMNS} FROM memories m WHERE ${memoryPredicate(filter)}
		ORDER BY m.pinned DESC, m.importance DESC, m.updated_at DESC, m.id LIMIT ${limit}`);
}

/**
 * Give a memory the hash that another program has left out, unless one has it that is not forgotten either. Resolves to
 * whether it has it now. That is neither a change nor a new version.
 */
export async function fillHash(writer: Writer, id: string, { normalised, hash }: NormalisedContent): Promise<boolean> {
	const changed = await writer.run(sql`
		UPDATE OR IGNORE memories SET content_hash = ${hash}, normalized_content = ${normalised}
		WHERE id = ${id} AND content_hash IS NULL`);
	return changed > 0;
}

/** How often a memory was recalled lately. */
export interface Access {
	readonly id: string;
	readonly times: number;
	/** ISO-8601 UTC. */
	readonly lastAt: string;
}

/** Count accesses of memories. That is neither a change nor a new version. */
export async function countAccesses(writer: Writer, accesses: Iterable<Access>): Promise<void> {
	for (const { id, times, lastAt } of accesses) {
		await writer.run(sql`
			UPDATE memories SET access_count = COALESCE(access_count, 0) + ${times}, last_accessed = ${lastAt} WHERE id = ${id}`);
	}
}

/** Take the idempotency key off a forgotten memory, so that it can be used again. */
export async function releaseIdempotencyKey(writer: Writer, id: string): Promise<void> {
	await writer.run(sql`UPDATE memories SET idempotency_key = NULL WHERE id = ${id}`);
}
