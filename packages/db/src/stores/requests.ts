import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** What a request with an idempotency key was answered with. */
export interface AnsweredRequest {
	readonly key: string;
	readonly contentHash: string;
	readonly memoryId: string;
	/** ISO-8601 UTC. */
	readonly createdAt: string;
}

export function findRequest(reader: Reader, key: string): Promise<AnsweredRequest | undefined> {
	return reader.get<AnsweredRequest>(sql`
		SELECT key, content_hash AS contentHash, memory_id AS memoryId, created_at AS createdAt
		FROM sgn_requests WHERE key = ${key}`);
}

/** Keep what a request was answered with, in place of what another one with that key was. */
export async function putRequest(
	writer: Writer,
	{ key, contentHash, memoryId, createdAt }: AnsweredRequest,
): Promise<void> {
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_requests (key, content_hash, memory_id, created_at)
		VALUES (${key}, ${contentHash}, ${memoryId}, ${createdAt})`);
}
