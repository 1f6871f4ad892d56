import * as z from "zod/mini";

/** What commands read of the daemon's answers. */
const identity = { pid: z.number(), version: z.string(), uptime: z.number(), agentsDir: z.string() };

export const healthAnswer = z.object({ ...identity, db: z.boolean() });

/** What whoever is not known to the daemon hears of it. */
export const reducedHealth = z.object({ status: z.literal("healthy"), db: z.boolean() });

export const whoamiAnswer = z.object({
	authenticated: z.boolean(),
	claims: z.nullable(z.object({ sub: z.string(), role: z.string(), scope: z.record(z.string(), z.string()) })),
	mode: z.string(),
});

export const issuedToken = z.object({ token: z.string(), jti: z.string(), expiresAt: z.string() });

export const tokensAnswer = z.object({
	tokens: z.array(
		z.object({
			jti: z.string(),
			sub: z.string(),
			role: z.string(),
			scope: z.record(z.string(), z.string()),
			issuedAt: z.string(),
			expiresAt: z.string(),
			issuedBy: z.string(),
			revokedAt: z.nullable(z.string()),
			state: z.enum(["valid", "revoked", "expired", "stale"]),
		}),
	),
});

export const rotatedAnswer = z.object({ rotated: z.literal(true), previousUntil: z.string() });

export const statusAnswer = z.object({
	...identity,
	startedAt: z.string(),
	/** Where it listens; versions before do not say it. */
	host: z.optional(z.string()),
	search: z.object({ profile: z.string() }),
	embedding: z.object({
		provider: z.string(),
		active: z.object({ model: z.nullable(z.string()), problem: z.optional(z.string()) }),
	}),
	index: z.object({ documents: z.number(), isBehind: z.boolean(), memoryBytes: z.number() }),
	configuration: z.optional(z.object({ file: z.nullable(z.string()), isInForce: z.boolean() })),
	/** Null where there are none, and until they were looked at. */
	secrets: z.optional(
		z.nullable(
			z.object({ state: z.string(), total: z.number(), unopened: z.number(), problem: z.nullable(z.string()) }),
		),
	),
	security: z.optional(z.object({ refused: z.record(z.string(), z.number()) })),
	warnings: z.array(z.string()),
});

export const rememberAnswer = z.object({
	id: z.string(),
	type: z.string(),
	tags: z.nullable(z.string()),
	pinned: z.boolean(),
	importance: z.number(),
	embedded: z.boolean(),
	deduped: z.optional(z.boolean()),
	merged: z.optional(z.boolean()),
	updated: z.optional(z.boolean()),
	chunk_count: z.optional(z.number()),
});

const turn = z.object({ content: z.string(), who: z.nullable(z.string()) });

const recalled = z.object({
	id: z.string(),
	content: z.string(),
	snippet: z.optional(z.string()),
	score: z.number(),
	source: z.string(),
	type: z.string(),
	tags: z.nullable(z.string()),
	pinned: z.boolean(),
	who: z.nullable(z.string()),
	project: z.nullable(z.string()),
	created_at: z.string(),
	superseded_by: z.optional(z.string()),
	context: z.optional(z.object({ before: z.array(turn), after: z.array(turn) })),
	explain: z.optional(z.record(z.string(), z.nullable(z.number()))),
});

export const recallAnswer = z.object({
	results: z.array(recalled),
	method: z.string(),
	/** The ranking of the earlier daemon does not say it. */
	confidence: z.optional(z.number()),
	abstain: z.optional(z.boolean()),
	degraded: z.optional(z.string()),
	explain: z.optional(
		z.object({
			profile: z.string(),
			words: z.array(z.object({ word: z.string(), documents: z.optional(z.number()) })),
			model: z.nullable(z.string()),
			candidates: z.object({ lexical: z.number(), vector: z.number() }),
			timingsMs: z.record(z.string(), z.number()),
		}),
	),
});

const listed = z.object({
	id: z.string(),
	content: z.string(),
	created_at: z.string(),
	who: z.nullable(z.string()),
	importance: z.number(),
	tags: z.nullable(z.string()),
	pinned: z.number(),
	type: z.string(),
	project: z.nullable(z.string()),
});

export const listAnswer = z.object({
	memories: z.array(listed),
	stats: z.object({ total: z.number(), withEmbeddings: z.number(), critical: z.number(), deleted: z.number() }),
});

export const memoryAnswer = z.object({
	...listed.shape,
	source_type: z.nullable(z.string()),
	source_id: z.nullable(z.string()),
	access_count: z.number(),
	last_accessed: z.nullable(z.string()),
	version: z.number(),
	updated_at: z.string(),
	updated_by: z.string(),
	is_deleted: z.number(),
});

/** What became of a change of one memory. */
export const changeAnswer = z.looseObject({
	id: z.string(),
	status: z.string(),
	success: z.boolean(),
	error: z.optional(z.string()),
	currentVersion: z.optional(z.number()),
	newVersion: z.optional(z.number()),
	/** The memory that says the same already. */
	duplicateMemoryId: z.optional(z.string()),
});

export const eraseAnswer = z.looseObject({
	id: z.string(),
	status: z.string(),
	backups: z.optional(z.array(z.string())),
	/** Why something may be left for now. */
	pending: z.optional(z.string()),
	proof: z.optional(
		z.object({
			texts: z.number(),
			words: z.number(),
			search: z.object({
				files: z.number(),
				bytes: z.number(),
				found: z.array(z.object({ file: z.string(), offset: z.number() })),
				unread: z.array(z.string()),
			}),
		}),
	),
});

export const forgetPreview = z.object({
	count: z.number(),
	confirmToken: z.optional(z.string()),
	candidates: z.array(z.object({ id: z.string(), pinned: z.boolean() })),
	hasMore: z.optional(z.boolean()),
});

export const forgetBatchAnswer = z.object({ deleted: z.number(), results: z.array(changeAnswer) });

export const historyAnswer = z.object({
	history: z.array(
		z.object({
			event: z.string(),
			changedBy: z.string(),
			reason: z.nullable(z.string()),
			createdAt: z.string(),
			version: z.optional(z.number()),
			changes: z.optional(z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))),
		}),
	),
	nextCursor: z.optional(z.string()),
});

export const statsAnswer = z.object({
	total: z.number(),
	withEmbeddings: z.number(),
	critical: z.number(),
	pinned: z.number(),
	deleted: z.number(),
	byType: z.record(z.string(), z.number()),
	oldest: z.nullable(z.string()),
	newest: z.nullable(z.string()),
	jobs: z.array(z.object({ type: z.string(), status: z.string(), count: z.number() })),
	/** Not for whoever sees a part of the memories. */
	bytes: z.optional(z.object({ database: z.number(), log: z.number(), backups: z.number() })),
});

export const importAnswer = z.object({ id: z.string() });

export const completeAnswer = z.object({ isEmpty: z.optional(z.boolean()) });

export const importsAnswer = z.object({
	imports: z.array(
		z.object({
			id: z.string(),
			source: z.string(),
			format: z.string(),
			startedAt: z.string(),
			completedAt: z.nullable(z.string()),
			undoneAt: z.nullable(z.string()),
			isEmpty: z.optional(z.boolean()),
		}),
	),
});

export const importRowsAnswer = z.object({
	results: z.array(
		z.object({
			outcome: z.string(),
			why: z.optional(z.string()),
			id: z.optional(z.string()),
			isJoined: z.optional(z.boolean()),
			isHeldUp: z.optional(z.boolean()),
		}),
	),
});

export const undoAnswer = z.object({ undone: z.number(), left: z.number(), remaining: z.number() });

export const cleanAnswer = z.object({ texts: z.array(z.string()) });

export const exportAnswer = z.object({
	rows: z.array(z.record(z.string(), z.unknown())),
	next: z.optional(z.number()),
});

export const secretsAnswer = z.object({ secrets: z.array(z.string()) });
