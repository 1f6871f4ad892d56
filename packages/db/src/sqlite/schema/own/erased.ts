import type { OwnMigration } from "./migration.ts";

/** What must not come back. */
export const erased: OwnMigration = {
	name: "erased",
	statements: [
		"CREATE TABLE sgn_erased (fingerprint TEXT PRIMARY KEY, erased_at TEXT NOT NULL) WITHOUT ROWID",
		// The reference's index of hashes leaves forgotten memories out, and they are asked for as often as the others.
		"CREATE INDEX sgn_memories_forgotten ON memories(content_hash, deleted_at) WHERE is_deleted = 1",
		"CREATE INDEX sgn_memories_source ON memories(source_id, source_type) WHERE source_id IS NOT NULL",
		"CREATE INDEX sgn_requests_memory ON sgn_requests(memory_id)",
	],
};
