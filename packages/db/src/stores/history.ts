import sql from "sql-template-tag";
import type { Writer } from "../database.ts";

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
