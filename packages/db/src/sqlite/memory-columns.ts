import sql from "sql-template-tag";

/** The columns of a `MemoryRow`, of `m`. */
export const MEMORY_COLUMNS = sql`m.id, m.content, m.type, m.importance, m.tags, m.pinned, m.who, m.source_type, m.source_id,
	m.project, m.session_id, m.confidence, m.access_count, m.last_accessed, m.is_deleted, m.deleted_at,
	m.extraction_status, m.embedding_model, m.version, m.created_at, m.updated_at, m.updated_by, m.content_hash`;

/** Those of `m` that a search shows. */
export const SHOWN_COLUMNS = sql`m.id, m.content, m.type, m.importance, m.tags, m.pinned, m.who, m.project, m.created_at`;
