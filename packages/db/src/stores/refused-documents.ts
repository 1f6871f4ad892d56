import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** A document whose text a model does not take; as a job that came to nothing, it can be seen and tried again. */
export interface RefusedDocument {
	/** Id of the job. */
	readonly id: string;
	readonly memoryId: string;
	readonly doc: number;
	readonly model: string;
	readonly error: string;
	/** ISO-8601 UTC. */
	readonly at: string;
}

/** Note that a document stays without a vector of the model until somebody retries the job. */
export async function recordRefused(writer: Writer, refused: RefusedDocument): Promise<void> {
	const { id, memoryId, doc, model, error, at } = refused;
	await writer.run(sql`
		INSERT INTO memory_jobs (id, memory_id, job_type, status, payload, attempts, max_attempts, error, failed_at,
			created_at, updated_at)
		VALUES (${id}, ${memoryId}, 'embed', 'dead', ${JSON.stringify({ doc, model })}, 1, 3, ${error}, ${at}, ${at}, ${at})`);
}

/** Numbers of the documents that a model does not take. */
export async function refusedDocuments(reader: Reader, model: string): Promise<Set<number>> {
	const rows = await reader.all<{ doc: number }>(sql`
		SELECT json_extract(payload, '$.doc') AS doc FROM memory_jobs
		WHERE status = 'dead' AND job_type = 'embed' AND json_valid(payload) AND json_extract(payload, '$.model') = ${model}`);
	return new Set(rows.map(({ doc }) => doc));
}
