import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

export interface HistoryEvent {
	readonly id: string;
	readonly memoryId: string;
	readonly event: "created" | "updated" | "deleted" | "recovered" | "merged" | "erased" | "none";
	readonly oldContent: string | null;
	readonly newContent: string | null;
	readonly changedBy: string;
	readonly reason: string | null;
	readonly metadata: unknown;
	/** ISO-8601 UTC. */
	readonly createdAt: string;
	readonly actorType: string | null;
	readonly sessionId: string | null;
	readonly requestId: string | null;
}

/** An event as it stands in the file: whoever wrote it. */
export interface StoredEvent extends Omit<HistoryEvent, "event" | "metadata"> {
	/** Rises with each event of the file, also of the same millisecond. */
	readonly sequence: number;
	readonly event: string;
	/** JSON, as a rule. */
	readonly metadata: string | null;
}

export async function insertHistoryEvent(writer: Writer, event: HistoryEvent): Promise<void> {
	await writer.run(sql`
		INSERT INTO memory_history (id, memory_id, event, old_content, new_content, changed_by, reason, metadata,
			created_at, actor_type, session_id, request_id)
		VALUES (${event.id}, ${event.memoryId}, ${event.event}, ${event.oldContent}, ${event.newContent},
			${event.changedBy}, ${event.reason}, ${event.metadata === null ? null : JSON.stringify(event.metadata)},
			${event.createdAt}, ${event.actorType}, ${event.sessionId}, ${event.requestId})`);
}

const COLUMNS = sql`rowid AS sequence, id, memory_id AS memoryId, event, old_content AS oldContent,
	new_content AS newContent, changed_by AS changedBy, reason, metadata, created_at AS createdAt,
	actor_type AS actorType, session_id AS sessionId, request_id AS requestId`;

/** Part of the history of a memory. */
export interface HistoryPage {
	/** From the oldest on, or from the newest. */
	readonly order: "asc" | "desc";
	/** Only what comes after the event of this sequence number, in that order. */
	readonly after?: number | undefined;
	readonly limit: number;
}

export function readHistoryEvents(reader: Reader, memoryId: string, page: HistoryPage): Promise<StoredEvent[]> {
	const { order, after, limit } = page;
	return order === "asc"
		? reader.all<StoredEvent>(sql`
			SELECT ${COLUMNS} FROM memory_history WHERE memory_id = ${memoryId} AND rowid > ${after ?? 0}
			ORDER BY rowid LIMIT ${limit}`)
		: reader.all<StoredEvent>(sql`
			SELECT ${COLUMNS} FROM memory_history
			WHERE memory_id = ${memoryId} AND rowid < ${after ?? Number.MAX_SAFE_INTEGER}
			ORDER BY rowid DESC LIMIT ${limit}`);
}

/** Whether a memory said that before. */
export async function hasSaid(reader: Reader, memoryId: string, content: string): Promise<boolean> {
	const event = await reader.get(sql`
		SELECT 1 FROM memory_history
		WHERE memory_id = ${memoryId} AND (old_content = ${content} OR new_content = ${content}) LIMIT 1`);
	return event !== undefined;
}

/** Remove all events of a memory. */
export async function deleteHistory(writer: Writer, memoryId: string): Promise<void> {
	await writer.run(sql`DELETE FROM memory_history WHERE memory_id = ${memoryId}`);
}

/** Take the texts out of some events, by their numbers; that something was said, by whom and when, stays. */
export async function blankEvents(writer: Writer, sequences: readonly number[]): Promise<void> {
	await writer.run(sql`
		UPDATE memory_history SET old_content = NULL, new_content = NULL,
			metadata = CASE WHEN json_valid(metadata)
				THEN json_set(json_remove(metadata, '$.changes.content'), '$.isErased', json('true')) END
		WHERE rowid IN ${list(sequences)}`);
}
