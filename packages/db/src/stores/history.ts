import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

export interface HistoryEvent {
	readonly id: string;
	readonly memoryId: string;
	readonly event: "created" | "updated" | "deleted" | "recovered" | "merged" | "none";
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

export async function insertHistoryEvent(writer: Writer, event: HistoryEvent): Promise<void> {
	await writer.run(sql`
		INSERT INTO memory_history (id, memory_id, event, old_content, new_content, changed_by, reason, metadata,
			created_at, actor_type, session_id, request_id)
		VALUES (${event.id}, ${event.memoryId}, ${event.event}, ${event.oldContent}, ${event.newContent},
			${event.changedBy}, ${event.reason}, ${event.metadata === null ? null : JSON.stringify(event.metadata)},
			${event.createdAt}, ${event.actorType}, ${event.sessionId}, ${event.requestId})`);
}

/** What happened to a memory, the oldest first. */
export async function historyOf(reader: Reader, memoryId: string, limit: number): Promise<HistoryEvent[]> {
	const rows = await reader.all<Omit<HistoryEvent, "metadata"> & { metadata: string | null }>(sql`
		SELECT id, memory_id AS memoryId, event, old_content AS oldContent, new_content AS newContent,
			changed_by AS changedBy, reason, metadata, created_at AS createdAt, actor_type AS actorType,
			session_id AS sessionId, request_id AS requestId
		FROM memory_history WHERE memory_id = ${memoryId} ORDER BY created_at, rowid LIMIT ${limit}`);
	return rows.map((row) => ({ ...row, metadata: parsed(row.metadata) }));
}

function parsed(metadata: string | null): unknown {
	if (metadata === null) return null;
	try {
		return JSON.parse(metadata);
	} catch {
		return metadata;
	}
}
