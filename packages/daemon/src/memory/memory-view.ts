import type { MemoryRow } from "@signet/db";
import * as z from "zod/mini";

/** A memory in a list: the reference's keys. */
export const listedMemorySchema = () =>
	z.object({
		id: z.string(),
		content: z.string(),
		created_at: z.string(),
		who: z.nullable(z.string()),
		importance: z.number(),
		tags: z.nullable(z.string()),
		source_type: z.nullable(z.string()),
		pinned: z.number(),
		type: z.string(),
		project: z.nullable(z.string()),
	});

export function listedMemory(row: MemoryRow): z.infer<ReturnType<typeof listedMemorySchema>> {
	const { id, content, created_at, who, importance, tags, source_type, pinned, type, project } = row;
	return { id, content, created_at, who, importance, tags, source_type, pinned: pinned ?? 0, type, project };
}

/** A memory by itself: the reference's keys. */
export const singleMemorySchema = () =>
	z.object({
		...listedMemorySchema().shape,
		source_id: z.nullable(z.string()),
		session_id: z.nullable(z.string()),
		confidence: z.nullable(z.number()),
		access_count: z.number(),
		last_accessed: z.nullable(z.string()),
		is_deleted: z.number(),
		deleted_at: z.nullable(z.string()),
		extraction_status: z.nullable(z.string()),
		embedding_model: z.nullable(z.string()),
		version: z.number(),
		updated_at: z.string(),
		updated_by: z.string(),
	});

export function singleMemory(row: MemoryRow): z.infer<ReturnType<typeof singleMemorySchema>> {
	return {
		...listedMemory(row),
		source_id: row.source_id,
		session_id: row.session_id,
		confidence: row.confidence,
		access_count: row.access_count ?? 0,
		last_accessed: row.last_accessed,
		is_deleted: row.is_deleted ?? 0,
		deleted_at: row.deleted_at,
		extraction_status: row.extraction_status,
		embedding_model: row.embedding_model,
		version: row.version ?? 1,
		updated_at: row.updated_at,
		updated_by: row.updated_by,
	};
}
