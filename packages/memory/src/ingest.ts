import { conflict, isoTime, type World } from "@signet/core";
import {
	enqueueJob,
	findActiveByHash,
	findActiveBySource,
	findByIdempotencyKey,
	findMemory,
	insertHistoryEvent,
	insertMemory,
	type MemoryRow,
	releaseIdempotencyKey,
	updateContent,
	type Writer,
} from "@signet/db";
import type { Actor } from "./actor.ts";
import { type Draft, draftMemory, type RememberRequest } from "./draft.ts";

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
export async function ingest(
	writer: Writer,
	request: RememberRequest,
	actor: Actor,
	options: IngestOptions,
): Promise<Ingested> {
	const draft = draftMemory(request);
	const known = await findKnown(writer, draft, request.idempotencyKey);
	if (known?.content_hash === draft.content.hash) return { outcome: "duplicate", memory: known };
	const twin = await findActiveByHash(writer, draft.content.hash);
	if (twin) return { outcome: "duplicate", memory: twin };
	if (known) return { outcome: "updated", memory: await replaceContent(writer, known, draft, actor, options) };
	return { outcome: "created", memory: await create(writer, request, draft, actor, options) };
}

/** The memory that a request speaks of, by its idempotency key or its source. */
async function findKnown(writer: Writer, draft: Draft, key: string | undefined): Promise<MemoryRow | undefined> {
	const keyed = key === undefined ? undefined : await findByIdempotencyKey(writer, key);
	if (keyed?.is_deleted === 1) {
		await releaseIdempotencyKey(writer, keyed.id);
	} else if (keyed) {
		if (keyed.content_hash === draft.content.hash) return keyed;
		throw conflict("idempotency_conflict", `idempotencyKey was used before, for another content (memory ${keyed.id})`, {
			memoryId: keyed.id,
		});
	}
	return draft.sourceId === null ? undefined : findActiveBySource(writer, draft.sourceType, draft.sourceId);
}

async function create(
	writer: Writer,
	request: RememberRequest,
	draft: Draft,
	actor: Actor,
	{ world, isExtracted }: IngestOptions,
): Promise<MemoryRow> {
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
		metadata: { changedFields: ["content"], ifVersion: null, contentChanged: true },
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
