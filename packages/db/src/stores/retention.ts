import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

/** Times are ISO-8601 UTC; what is compared with them may be stored in SQLite's own form as well. */

export interface ExpiredMemory {
	readonly id: string;
	readonly content: string;
	readonly deletedAt: string;
	/** Who has forgotten it. */
	readonly updatedBy: string;
}

/** Memories that were forgotten on days before that of `before`, the oldest first. */
export function expiredMemories(reader: Reader, before: string, limit: number): Promise<ExpiredMemory[]> {
	return reader.all<ExpiredMemory>(sql`
		SELECT id, content, deleted_at AS deletedAt, updated_by AS updatedBy FROM memories
		WHERE is_deleted = 1 AND deleted_at IS NOT NULL AND deleted_at < ${dayOf(before)} ORDER BY deleted_at LIMIT ${limit}`);
}

/** Entities that memories are linked to. */
export async function entitiesOf(reader: Reader, memoryIds: readonly string[]): Promise<string[]> {
	const rows = await reader.all<{ id: string }>(
		sql`SELECT DISTINCT entity_id AS id FROM memory_entity_mentions WHERE memory_id IN ${list(memoryIds)}`,
	);
	return rows.map(({ id }) => id);
}

/**
 * Count again how many memories mention each of these entities, and remove those that none mentions any more, with their
 * relations. Resolves to how many were removed.
 */
export async function recountEntities(writer: Writer, entities: readonly string[]): Promise<number> {
	if (entities.length === 0) return 0;
	await writer.run(sql`
		UPDATE entities SET mentions = (SELECT count(*) FROM memory_entity_mentions x WHERE x.entity_id = entities.id)
		WHERE id IN ${list(entities)}`);
	const orphans = await writer.all<{ id: string }>(
		sql`DELETE FROM entities WHERE id IN ${list(entities)} AND mentions = 0 RETURNING id`,
	);
	const gone = orphans.map(({ id }) => id);
	await writer.run(sql`
		DELETE FROM relations WHERE source_entity_id IN ${list(gone)} OR target_entity_id IN ${list(gone)}`);
	return gone.length;
}

/** Where a walk through the events stands. */
export interface EventPlace {
	readonly createdAt: string;
	readonly rowid: number;
}

/**
 * Remove those of the next `limit` events from before that day whose memory is gone. Resolves to how many were removed
 * and where to go on; to no place at the end. The history of a memory that is there is kept as long as it.
 */
export async function deleteOrphanedEvents(
	writer: Writer,
	before: string,
	{ after, limit }: { after: EventPlace; limit: number },
): Promise<{ removed: number; next: EventPlace | undefined }> {
	const rows = await writer.all<EventPlace & { isOrphan: number }>(sql`
		SELECT h.created_at AS createdAt, h.rowid,
			NOT EXISTS (SELECT 1 FROM memories m WHERE m.id = h.memory_id) AS isOrphan
		FROM memory_history h
		WHERE h.created_at < ${dayOf(before)} AND (h.created_at, h.rowid) > (${after.createdAt}, ${after.rowid})
		ORDER BY h.created_at, h.rowid LIMIT ${limit}`);
	const orphans = rows.filter(({ isOrphan }) => isOrphan === 1).map(({ rowid }) => rowid);
	if (orphans.length > 0) await writer.run(sql`DELETE FROM memory_history WHERE rowid IN ${list(orphans)}`);
	return { removed: orphans.length, next: rows.length < limit ? undefined : rows.at(-1) };
}

/** Remove at most `limit` jobs that were done before then. Resolves to how many there were. */
export function deleteCompletedJobs(writer: Writer, before: string, limit: number): Promise<number> {
	return writer.run(sql`
		DELETE FROM memory_jobs WHERE id IN (
			SELECT id FROM memory_jobs WHERE status = 'completed' AND completed_at < ${before} LIMIT ${limit})`);
}

/** Remove at most `limit` jobs that came to nothing before then. Resolves to how many there were. */
export function deleteDeadJobs(writer: Writer, before: string, limit: number): Promise<number> {
	return writer.run(sql`
		DELETE FROM memory_jobs WHERE id IN (
			SELECT id FROM memory_jobs WHERE status = 'dead' AND failed_at < ${before} LIMIT ${limit})`);
}

/** The day is the same in every form of a time, and sorts before all times of that day. */
function dayOf(time: string): string {
	return time.slice(0, "YYYY-MM-DD".length);
}
