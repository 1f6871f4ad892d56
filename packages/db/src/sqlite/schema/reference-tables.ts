/**
 * The tables of the reference at schema version 15, each column and index with the migration that brought it. Creating
 * a file, migrating an old one and checking what a file really has all read this one description.
 *
 * Foreign keys are declared because the reference declares them; they are never enforced, since existing files
 * violate them (history of purged memories, repair events of the memory "system").
 */

export interface ColumnDescription {
	readonly name: string;
	/** Type and constraints, as SQL. */
	readonly definition: string;
	/** The migration that adds it, when that is a later one than the table's. */
	readonly since?: number;
}

export interface TableDescription {
	readonly name: string;
	readonly since: number;
	readonly columns: readonly ColumnDescription[];
	readonly constraints?: readonly string[];
}

export interface IndexDescription {
	readonly name: string;
	readonly since: number;
	readonly unique?: true;
	/** Table, columns and condition: what follows ON. */
	readonly on: string;
}

function columns(definitions: Readonly<Record<string, string>>, since?: number): ColumnDescription[] {
	return Object.entries(definitions).map(([name, definition]) => ({ name, definition, ...(since && { since }) }));
}

export const REFERENCE_TABLES: readonly TableDescription[] = [
	{
		name: "conversations",
		since: 1,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			session_id: "TEXT NOT NULL",
			harness: "TEXT NOT NULL",
			started_at: "TEXT NOT NULL",
			ended_at: "TEXT",
			summary: "TEXT",
			topics: "TEXT",
			decisions: "TEXT",
			created_at: "TEXT NOT NULL",
			updated_at: "TEXT NOT NULL",
			updated_by: "TEXT NOT NULL",
			vector_clock: "TEXT NOT NULL DEFAULT '{}'",
			version: "INTEGER DEFAULT 1",
			manual_override: "INTEGER DEFAULT 0",
		}),
	},
	{
		name: "memories",
		since: 1,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				type: "TEXT NOT NULL DEFAULT 'fact'",
				category: "TEXT",
				content: "TEXT NOT NULL",
				confidence: "REAL DEFAULT 1.0",
				importance: "REAL DEFAULT 0.5",
				source_id: "TEXT",
				source_type: "TEXT",
				tags: "TEXT",
				who: "TEXT",
				why: "TEXT",
				project: "TEXT",
				created_at: "TEXT NOT NULL",
				updated_at: "TEXT NOT NULL",
				updated_by: "TEXT NOT NULL DEFAULT 'system'",
				last_accessed: "TEXT",
				access_count: "INTEGER DEFAULT 0",
				vector_clock: "TEXT NOT NULL DEFAULT '{}'",
				version: "INTEGER DEFAULT 1",
				manual_override: "INTEGER DEFAULT 0",
				pinned: "INTEGER DEFAULT 0",
			}),
			...columns(
				{
					content_hash: "TEXT",
					normalized_content: "TEXT",
					is_deleted: "INTEGER DEFAULT 0",
					deleted_at: "TEXT",
					extraction_status: "TEXT DEFAULT 'none'",
					embedding_model: "TEXT",
					extraction_model: "TEXT",
					update_count: "INTEGER DEFAULT 0",
				},
				2,
			),
			...columns({ idempotency_key: "TEXT", runtime_path: "TEXT" }, 6),
			...columns({ source_path: "TEXT", source_section: "TEXT" }, 13),
		],
	},
	{
		name: "embeddings",
		since: 1,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			content_hash: "TEXT NOT NULL UNIQUE",
			vector: "BLOB NOT NULL",
			dimensions: "INTEGER NOT NULL",
			source_type: "TEXT NOT NULL",
			source_id: "TEXT NOT NULL",
			chunk_text: "TEXT NOT NULL",
			created_at: "TEXT NOT NULL",
		}),
	},
	{
		name: "memory_history",
		since: 2,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				memory_id: "TEXT NOT NULL",
				event: "TEXT NOT NULL",
				old_content: "TEXT",
				new_content: "TEXT",
				changed_by: "TEXT NOT NULL",
				reason: "TEXT",
				metadata: "TEXT",
				created_at: "TEXT NOT NULL",
			}),
			...columns({ actor_type: "TEXT", session_id: "TEXT", request_id: "TEXT" }, 4),
		],
		constraints: ["FOREIGN KEY (memory_id) REFERENCES memories(id)"],
	},
	{
		name: "memory_jobs",
		since: 2,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				memory_id: "TEXT NOT NULL",
				job_type: "TEXT NOT NULL",
				status: "TEXT NOT NULL DEFAULT 'pending'",
				payload: "TEXT",
				result: "TEXT",
				attempts: "INTEGER DEFAULT 0",
				max_attempts: "INTEGER DEFAULT 3",
				leased_at: "TEXT",
				completed_at: "TEXT",
				failed_at: "TEXT",
				error: "TEXT",
				created_at: "TEXT NOT NULL",
				updated_at: "TEXT NOT NULL",
			}),
			...columns({ document_id: "TEXT" }, 7),
		],
		constraints: ["FOREIGN KEY (memory_id) REFERENCES memories(id)"],
	},
	{
		name: "entities",
		since: 2,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				name: "TEXT NOT NULL UNIQUE",
				entity_type: "TEXT NOT NULL",
				description: "TEXT",
				created_at: "TEXT NOT NULL",
				updated_at: "TEXT NOT NULL",
			}),
			...columns({ canonical_name: "TEXT", mentions: "INTEGER DEFAULT 0", embedding: "BLOB" }, 5),
		],
	},
	{
		name: "relations",
		since: 2,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				source_entity_id: "TEXT NOT NULL",
				target_entity_id: "TEXT NOT NULL",
				relation_type: "TEXT NOT NULL",
				strength: "REAL DEFAULT 1.0",
				metadata: "TEXT",
				created_at: "TEXT NOT NULL",
			}),
			...columns({ mentions: "INTEGER DEFAULT 1", confidence: "REAL DEFAULT 0.5", updated_at: "TEXT" }, 5),
		],
		constraints: [
			"FOREIGN KEY (source_entity_id) REFERENCES entities(id)",
			"FOREIGN KEY (target_entity_id) REFERENCES entities(id)",
		],
	},
	{
		name: "memory_entity_mentions",
		since: 2,
		columns: [
			...columns({ memory_id: "TEXT NOT NULL", entity_id: "TEXT NOT NULL" }),
			...columns({ mention_text: "TEXT", confidence: "REAL", created_at: "TEXT" }, 5),
		],
		constraints: [
			"PRIMARY KEY (memory_id, entity_id)",
			"FOREIGN KEY (memory_id) REFERENCES memories(id)",
			"FOREIGN KEY (entity_id) REFERENCES entities(id)",
		],
	},
	{
		name: "documents",
		since: 7,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			source_url: "TEXT",
			source_type: "TEXT NOT NULL",
			content_type: "TEXT",
			content_hash: "TEXT",
			title: "TEXT",
			raw_content: "TEXT",
			status: "TEXT NOT NULL DEFAULT 'queued'",
			error: "TEXT",
			connector_id: "TEXT",
			chunk_count: "INTEGER NOT NULL DEFAULT 0",
			memory_count: "INTEGER NOT NULL DEFAULT 0",
			metadata_json: "TEXT",
			created_at: "TEXT NOT NULL",
			updated_at: "TEXT NOT NULL",
			completed_at: "TEXT",
		}),
	},
	{
		name: "document_memories",
		since: 7,
		columns: columns({
			document_id: "TEXT NOT NULL REFERENCES documents(id)",
			memory_id: "TEXT NOT NULL REFERENCES memories(id)",
			chunk_index: "INTEGER",
		}),
		constraints: ["PRIMARY KEY (document_id, memory_id)"],
	},
	{
		name: "connectors",
		since: 7,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			provider: "TEXT NOT NULL",
			display_name: "TEXT",
			config_json: "TEXT NOT NULL",
			cursor_json: "TEXT",
			status: "TEXT NOT NULL DEFAULT 'idle'",
			last_sync_at: "TEXT",
			last_error: "TEXT",
			created_at: "TEXT NOT NULL",
			updated_at: "TEXT NOT NULL",
		}),
	},
	{
		name: "summary_jobs",
		since: 9,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			session_key: "TEXT",
			harness: "TEXT NOT NULL",
			project: "TEXT",
			transcript: "TEXT NOT NULL",
			status: "TEXT NOT NULL DEFAULT 'pending'",
			result: "TEXT",
			attempts: "INTEGER DEFAULT 0",
			max_attempts: "INTEGER DEFAULT 3",
			created_at: "TEXT NOT NULL",
			completed_at: "TEXT",
			error: "TEXT",
		}),
	},
	{
		name: "umap_cache",
		since: 10,
		columns: columns({
			id: "INTEGER PRIMARY KEY",
			dimensions: "INTEGER NOT NULL",
			embedding_count: "INTEGER NOT NULL",
			payload: "TEXT NOT NULL",
			created_at: "TEXT NOT NULL",
		}),
	},
	{
		name: "session_scores",
		since: 11,
		columns: [
			...columns({
				id: "TEXT PRIMARY KEY",
				session_key: "TEXT NOT NULL",
				project: "TEXT",
				harness: "TEXT",
				score: "REAL NOT NULL",
				memories_recalled: "INTEGER",
				memories_used: "INTEGER",
				novel_context_count: "INTEGER",
				reasoning: "TEXT",
				created_at: "TEXT NOT NULL",
			}),
			...columns({ confidence: "REAL", continuity_reasoning: "TEXT" }, 15),
		],
	},
	{
		name: "scheduled_tasks",
		since: 12,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			name: "TEXT NOT NULL",
			prompt: "TEXT NOT NULL",
			cron_expression: "TEXT NOT NULL",
			harness: "TEXT NOT NULL",
			working_directory: "TEXT",
			enabled: "INTEGER NOT NULL DEFAULT 1",
			last_run_at: "TEXT",
			next_run_at: "TEXT",
			created_at: "TEXT NOT NULL",
			updated_at: "TEXT NOT NULL",
		}),
	},
	{
		name: "task_runs",
		since: 12,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			task_id: "TEXT NOT NULL REFERENCES scheduled_tasks(id) ON DELETE CASCADE",
			status: "TEXT NOT NULL DEFAULT 'pending'",
			started_at: "TEXT NOT NULL",
			completed_at: "TEXT",
			exit_code: "INTEGER",
			stdout: "TEXT",
			stderr: "TEXT",
			error: "TEXT",
		}),
	},
	{
		name: "ingestion_jobs",
		since: 13,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			source_path: "TEXT NOT NULL",
			source_type: "TEXT NOT NULL",
			file_hash: "TEXT",
			status: "TEXT NOT NULL DEFAULT 'pending'",
			chunks_total: "INTEGER DEFAULT 0",
			chunks_processed: "INTEGER DEFAULT 0",
			memories_created: "INTEGER DEFAULT 0",
			started_at: "TEXT NOT NULL",
			completed_at: "TEXT",
			error: "TEXT",
		}),
	},
	{
		name: "telemetry_events",
		since: 14,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			event: "TEXT NOT NULL",
			timestamp: "TEXT NOT NULL",
			properties: "TEXT NOT NULL",
			sent_to_posthog: "INTEGER NOT NULL DEFAULT 0",
			created_at: "TEXT NOT NULL",
		}),
	},
	{
		name: "session_memories",
		since: 15,
		columns: columns({
			id: "TEXT PRIMARY KEY",
			session_key: "TEXT NOT NULL",
			memory_id: "TEXT NOT NULL",
			source: "TEXT NOT NULL",
			effective_score: "REAL",
			predictor_score: "REAL",
			final_score: "REAL NOT NULL",
			rank: "INTEGER NOT NULL",
			was_injected: "INTEGER NOT NULL",
			relevance_score: "REAL",
			fts_hit_count: "INTEGER NOT NULL DEFAULT 0",
			agent_preference: "TEXT",
			created_at: "TEXT NOT NULL",
		}),
		constraints: ["UNIQUE(session_key, memory_id)"],
	},
];

/** Whether two active memories may have the same content is decided here, by the file, not by any writer. */
export const CONTENT_HASH_INDEX: IndexDescription = {
	name: "idx_memories_content_hash_unique",
	since: 3,
	unique: true,
	on: "memories(content_hash) WHERE content_hash IS NOT NULL AND is_deleted = 0",
};

export const REFERENCE_INDICES: readonly IndexDescription[] = [
	{ name: "idx_conversations_session", since: 1, on: "conversations(session_id)" },
	{ name: "idx_conversations_harness", since: 1, on: "conversations(harness)" },
	{ name: "idx_memories_type", since: 1, on: "memories(type)" },
	{ name: "idx_memories_category", since: 1, on: "memories(category)" },
	{ name: "idx_memories_pinned", since: 1, on: "memories(pinned)" },
	{ name: "idx_memories_importance", since: 1, on: "memories(importance DESC)" },
	{ name: "idx_memories_created", since: 1, on: "memories(created_at DESC)" },
	{ name: "idx_embeddings_source", since: 1, on: "embeddings(source_type, source_id)" },
	{ name: "idx_memories_is_deleted", since: 2, on: "memories(is_deleted)" },
	{ name: "idx_memories_extraction_status", since: 2, on: "memories(extraction_status)" },
	{ name: "idx_memory_history_memory_id", since: 2, on: "memory_history(memory_id)" },
	{ name: "idx_memory_jobs_status", since: 2, on: "memory_jobs(status)" },
	{ name: "idx_memory_jobs_memory_id", since: 2, on: "memory_jobs(memory_id)" },
	{ name: "idx_relations_source", since: 2, on: "relations(source_entity_id)" },
	{ name: "idx_relations_target", since: 2, on: "relations(target_entity_id)" },
	{ name: "idx_memory_entity_mentions_entity", since: 2, on: "memory_entity_mentions(entity_id)" },
	CONTENT_HASH_INDEX,
	{ name: "idx_memories_deleted_at", since: 4, on: "memories(deleted_at) WHERE is_deleted = 1" },
	{ name: "idx_memory_history_created_at", since: 4, on: "memory_history(created_at)" },
	{ name: "idx_memory_jobs_completed_at", since: 4, on: "memory_jobs(completed_at) WHERE status = 'completed'" },
	{ name: "idx_memory_jobs_failed_at", since: 4, on: "memory_jobs(failed_at) WHERE status = 'dead'" },
	{ name: "idx_entities_canonical_name", since: 5, on: "entities(canonical_name)" },
	{ name: "idx_relations_composite", since: 5, on: "relations(source_entity_id, relation_type)" },
	{
		name: "idx_memories_idempotency_key",
		since: 6,
		unique: true,
		on: "memories(idempotency_key) WHERE idempotency_key IS NOT NULL",
	},
	{ name: "idx_documents_status", since: 7, on: "documents(status)" },
	{ name: "idx_documents_source_url", since: 7, on: "documents(source_url)" },
	{ name: "idx_documents_connector_id", since: 7, on: "documents(connector_id)" },
	{ name: "idx_documents_content_hash", since: 7, on: "documents(content_hash)" },
	{ name: "idx_connectors_provider", since: 7, on: "connectors(provider)" },
	{ name: "idx_embeddings_content_hash_unique", since: 8, unique: true, on: "embeddings(content_hash)" },
	{ name: "idx_summary_jobs_status", since: 9, on: "summary_jobs(status)" },
	{ name: "idx_session_scores_project", since: 11, on: "session_scores(project, created_at)" },
	{ name: "idx_session_scores_session", since: 11, on: "session_scores(session_key)" },
	{ name: "idx_scheduled_tasks_enabled_next", since: 12, on: "scheduled_tasks(enabled, next_run_at)" },
	{ name: "idx_task_runs_task_id", since: 12, on: "task_runs(task_id)" },
	{ name: "idx_task_runs_status", since: 12, on: "task_runs(status)" },
	{ name: "idx_ingestion_jobs_status", since: 13, on: "ingestion_jobs(status)" },
	{ name: "idx_ingestion_jobs_file_hash", since: 13, on: "ingestion_jobs(file_hash)" },
	{ name: "idx_ingestion_jobs_source_path", since: 13, on: "ingestion_jobs(source_path)" },
	{ name: "idx_telemetry_events_event", since: 14, on: "telemetry_events(event)" },
	{ name: "idx_telemetry_events_timestamp", since: 14, on: "telemetry_events(timestamp)" },
	{
		name: "idx_telemetry_events_unsent",
		since: 14,
		on: "telemetry_events(sent_to_posthog) WHERE sent_to_posthog = 0",
	},
	{ name: "idx_session_memories_session", since: 15, on: "session_memories(session_key)" },
	{ name: "idx_session_memories_memory", since: 15, on: "session_memories(memory_id)" },
];
