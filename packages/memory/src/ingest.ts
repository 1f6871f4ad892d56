import { conflict, isoTime, type World } from "@signet/core";
import {
	enqueueJob,
	findActiveByHash,
	findActiveBySource,
	findByIdempotencyKey,
	findMemory,
	findRequest,
	insertHistoryEvent,
	insertMemory,
	type MemoryRow,
	putRequest,
	releaseIdempotencyKey,
	updateContent,
	type Writer,
} from "@signet/db";
import type { Actor } from "./actor.ts";
import type { Draft } from "./draft.ts";

export interface IngestOptions {
	readonly world: Pick<World, "clock" | "random">;
	/** Whether facts are to be extracted from it later. */
	readonly isExtracted: boolean;
}

/** What became of a request: a new memory, one that says the same already, or new content for one of the same source. */
export interface Ingested {
	readonly outcome: "created" | "duplicate" | "updated";
	readonly memory: MemoryRow;
}

/**
 * The one way into `memories`. Belongs inside a write: everything that it does is kept or undone together. Throws a
 * conflict when an idempotency key comes back with another text.
 */
export async function ingest(writer: Writer, draft: Draft, actor: Actor, options: IngestOptions): Promise<Ingested> {
	const { idempotencyKey: key } = draft.request;
	const answered = key === undefined ? undefined : await findAnswered(writer, draft, key);
	if (answered) return { outcome: "duplicate", memory: answered };
	const ingested = await store(writer, draft, actor, options);
	if (key !== undefined) {
		const createdAt = isoTime(options.world.clock.now());
		await putRequest(writer, { key, contentHash: draft.content.hash, memoryId: ingested.memory.id, createdAt });
	}
	return ingested;
}

/** The memory that a request with this key was answered with before. */
async function findAnswered(writer: Writer, draft: Draft, key: string): Promise<MemoryRow | undefined> {
	const request = await findRequest(writer, key);
	const memory = request ? await findMemory(writer, request.memoryId) : await findByIdempotencyKey(writer, key);
	if (!memory) return undefined;
	if (memory.is_deleted === 1) {
		await releaseIdempotencyKey(writer, memory.id);
		return undefined;
	}
	if ((request?.contentHash ?? memory.content_hash) === draft.content.hash) return memory;
	throw conflict("idempotency_conflict", `idempotencyKey was used before, for another content (memory ${memory.id})`, {
		memoryId: memory.id,
	});
}

async function store(writer: Writer, draft: Draft, actor: Actor, options: IngestOptions): Promise<Ingested> {
	const { content, sourceType, sourceId } = draft;
	const known = sourceId === null ? undefined : await findActiveBySource(writer, sourceType, sourceId);
	if (known?.content_hash === content.hash) return { outcome: "duplicate", memory: known };
	const twin = await findActiveByHash(writer, content.hash);
	if (twin) return { outcome: "duplicate", memory: twin };
	if (known) return { outcome: "updated", memory: await replaceContent(writer, known, draft, actor, options) };
	return { outcome: "created", memory: await create(writer, draft, actor, options) };
}

async function create(
	writer: Writer,
	draft: Draft,
	actor: Actor,
	{ world, isExtracted }: IngestOptions,
): Promise<MemoryRow> {
	const { request } = draft;
	const id = world.random.uuid();
	const now = isoTime(world.clock.now());
	await insertMemory(writer, {
		id,
		content: draft.content.storage,
		normalizedContent: draft.content.normalised,
		contentHash: draft.content.hash,
		type: draft.type,
		category: request.category ?? null,
		confidence: request.confidence ?? 1,
		importance: draft.importance,
		tags: draft.tags,
		pinned: draft.pinned,
		who: draft.who,
		why: draft.pinned ? "explicit-critical" : "explicit",
		project: request.project ?? null,
		sessionId: request.sessionId ?? null,
		sourceType: draft.sourceType,
		sourceId: draft.sourceId,
		idempotencyKey: request.idempotencyKey ?? null,
		runtimePath: request.runtimePath ?? null,
		extractionStatus: isExtracted ? "pending" : "none",
		createdAt: request.createdAt ?? now,
		updatedAt: request.createdAt ?? now,
		updatedBy: draft.who,
	});
	await insertHistoryEvent(writer, {
		id: world.random.uuid(),
		memoryId: id,
		event: "created",
		oldContent: null,
		newContent: draft.content.storage,
		reason: null,
		metadata: { sourceType: draft.sourceType, sourceId: draft.sourceId },
		createdAt: now,
		...actor,
	});
	if (isExtracted) await enqueueJob(writer, { id: world.random.uuid(), memoryId: id, type: "extract", createdAt: now });
	return stored(writer, id);
}

async function replaceContent(
	writer: Writer,
	known: MemoryRow,
	draft: Draft,
	actor: Actor,
	{ world, isExtracted }: IngestOptions,
): Promise<MemoryRow> {
	const now = isoTime(world.clock.now());
	await updateContent(writer, {
		id: known.id,
		content: draft.content.storage,
		normalizedContent: draft.content.normalised,
		contentHash: draft.content.hash,
		type: draft.type,
		updatedAt: now,
		updatedBy: draft.who,
		extractionStatus: isExtracted ? "pending" : "none",
	});
	await insertHistoryEvent(writer, {
		id: world.random.uuid(),
		memoryId: known.id,
		event: "updated",
		oldContent: known.content,
		newContent: draft.content.storage,
		reason: "the source says something else now",
		metadata: {
			changedFields: draft.type === known.type ? ["content"] : ["content", "type"],
			ifVersion: null,
			contentChanged: true,
		},
		createdAt: now,
		...actor,
	});
	if (isExtracted) {
		await enqueueJob(writer, { id: world.random.uuid(), memoryId: known.id, type: "extract", createdAt: now });
	}
	return stored(writer, known.id);
}

async function stored(writer: Writer, id: string): Promise<MemoryRow> {
	const row = await findMemory(writer, id);
	if (!row) throw new Error(`memory ${id} was stored and is not there`);
	return row;
}
