import { conflict, EVERYTHING, isoTime, type MemoryScope, type World } from "@signet/core";
import {
	enqueueJob,
	findActiveByHash,
	findActiveBySource,
	findByIdempotencyKey,
	findForgottenByHash,
	findForgottenBySource,
	findMemory,
	findRequest,
	hasSaid,
	insertMemory,
	isInScope,
	type MemoryRow,
	type MemoryUpdate,
	putMemoryOwner,
	putRequest,
	putTurn,
	releaseIdempotencyKey,
	releasePieces,
	updateMemory,
	type Writer,
} from "@signet/db";
import { allowAgain, isAbsentAnyhow, isAbsentText } from "./absence.ts";
import { type Actor, isRetired } from "./actor.ts";
import { isAutonomous } from "./change.ts";
import type { Draft } from "./draft.ts";
import { recordEvent } from "./event.ts";
import { joinTags } from "./join-tags.ts";
import { isRecoverable } from "./retention.ts";
import { placeInScope } from "./scope.ts";

/**
 * Whether somebody said that it is to be remembered, or a program came across it: in a file, a transcript, an export of
 * another memory. What was forgotten comes back only when it is asked for.
 */
export type Origin = "asked" | "found";

export interface IngestOptions {
	readonly world: Pick<World, "clock" | "random">;
	/** Whether facts are to be extracted from it later. */
	readonly isExtracted: boolean;
	readonly origin: Origin;
	/** Take even what was erased for good; whoever asks has to say so. */
	readonly isRevived?: boolean;
	/** Whether a memory that is known gets what else is said of it; else it stays untouched, as clients of the reference expect. */
	readonly isJoined?: boolean;
}

/**
 * What became of a draft: a new memory, one that says the same already, new content for one of the same source, a
 * forgotten one that is back; or nothing, because it was forgotten and nobody asked for it.
 */
export type Ingested =
	| { readonly outcome: "created"; readonly memory: MemoryRow }
	/** `before`: as it was, if it has got tags or a project that it did not have. */
	| { readonly outcome: "duplicate"; readonly memory: MemoryRow; readonly before?: MemoryRow | undefined }
	| { readonly outcome: "updated" | "recovered"; readonly memory: MemoryRow; readonly before: MemoryRow }
	| { readonly outcome: "forgotten"; readonly memory?: never };

/**
 * The one way into `memories`. Belongs inside a write: everything that it does is kept or undone together. Throws a
 * conflict when an idempotency key comes back with another text, when an erased text is asked for, or when a memory that
 * the actor cannot see says the same; and a refusal of what is meant for a project that is not theirs.
 */
export async function ingest(writer: Writer, given: Draft, actor: Actor, options: IngestOptions): Promise<Ingested> {
	const draft = placeInScope(given, actor.scope);
	const { idempotencyKey: key } = draft;
	const answered = key === null ? undefined : await findAnswered(writer, draft, key, actor.scope);
	if (answered) return { outcome: "duplicate", memory: answered };
	const ingested = await store(writer, draft, actor, options);
	if (key !== null && ingested.memory) {
		const createdAt = isoTime(options.world.clock.now());
		await putRequest(writer, { key, contentHash: draft.content.hash, memoryId: ingested.memory.id, createdAt });
	}
	return ingested;
}

/** The memory that a request with this key was answered with before. */
async function findAnswered(
	writer: Writer,
	draft: Draft,
	key: string,
	scope: MemoryScope,
): Promise<MemoryRow | undefined> {
	const request = await findRequest(writer, key);
	const memory = request
		? await findMemory(writer, request.memoryId, EVERYTHING)
		: await findByIdempotencyKey(writer, key);
	if (!memory) return undefined;
	if (memory.is_deleted === 1) {
		await releaseIdempotencyKey(writer, memory.id);
		return undefined;
	}
	if (!(await isInScope(writer, memory.id, scope))) {
		throw conflict("idempotency_conflict", "idempotencyKey was used before, outside of the scope of the token");
	}
	if ((request?.contentHash ?? memory.content_hash) === draft.content.hash) return memory;
	throw conflict("idempotency_conflict", `idempotencyKey was used before, for another content (memory ${memory.id})`, {
		memoryId: memory.id,
	});
}

async function store(writer: Writer, draft: Draft, actor: Actor, options: IngestOptions): Promise<Ingested> {
	const { content, sourceType, sourceId } = draft;
	const { scope } = actor;
	const known = sourceId === null ? undefined : await findActiveBySource(writer, sourceType, sourceId, scope);
	const twin = known?.content_hash === content.hash ? known : await findActiveByHash(writer, content.hash);
	if (twin) {
		if (!(await isInScope(writer, twin.id, scope))) {
			throw conflict("known_elsewhere", "This is known already, outside of the scope of the token");
		}
		// Whoever asks for what a file says wants it even when the file does not say it any more.
		if (options.origin === "asked") await releasePieces(writer, twin.id);
		const joined = await joinInto(writer, twin, draft, actor, options);
		return joined ? { outcome: "duplicate", memory: joined, before: twin } : { outcome: "duplicate", memory: twin };
	}
	const forgotten = await findForgottenByHash(writer, content.hash, scope);
	if (options.origin === "found") {
		if (known && (known.pinned === 1 || (await isCorrected(writer, known, draft)))) {
			return { outcome: "duplicate", memory: known };
		}
		if (!known && sourceId !== null && (await wasForgottenAfterCorrection(writer, draft, sourceId))) {
			return { outcome: "forgotten" };
		}
		const isWanted = !forgotten || isRetired({ updatedBy: forgotten.updated_by });
		if (!isWanted || (await isAbsentAnyhow(writer, content))) return { outcome: "forgotten" };
	} else {
		if (await isAbsentText(writer, "erased", content)) {
			if (!options.isRevived) {
				throw conflict("erased", "This was erased for good and is not kept again; send revive: true if you want that");
			}
			await allowAgain(writer, "erased", content);
		}
		await allowAgain(writer, "forgotten", content);
	}
	if (known) {
		return { outcome: "updated", memory: await replaceContent(writer, known, draft, actor, options), before: known };
	}
	if (forgotten && isRecoverable(forgotten, options.world.clock.now())) {
		return { outcome: "recovered", memory: await revive(writer, forgotten, draft, actor, options), before: forgotten };
	}
	return { outcome: "created", memory: await create(writer, draft, actor, options) };
}

/** Whether somebody has changed what a source said, and the source says that still: then the correction holds. */
async function isCorrected(writer: Writer, { id, who, updated_by }: MemoryRow, { content }: Draft): Promise<boolean> {
	return updated_by !== who && (await hasSaid(writer, id, content.storage));
}

/** Whether a memory of the source was corrected and then forgotten: the source must not bring back what it said. */
async function wasForgottenAfterCorrection(
	writer: Writer,
	{ sourceType, content }: Draft,
	sourceId: string,
): Promise<boolean> {
	for (const { id, updated_by } of await findForgottenBySource(writer, sourceType, sourceId)) {
		if (!isRetired({ updatedBy: updated_by }) && (await hasSaid(writer, id, content.storage))) return true;
	}
	return false;
}

async function create(writer: Writer, draft: Draft, actor: Actor, options: IngestOptions): Promise<MemoryRow> {
	const { world, isExtracted } = options;
	const id = world.random.uuid();
	const now = isoTime(world.clock.now());
	await insertMemory(writer, {
		id,
		content: draft.content.storage,
		normalizedContent: draft.content.normalised,
		contentHash: draft.content.hash,
		type: draft.type,
		category: draft.category,
		confidence: draft.confidence,
		importance: draft.importance,
		tags: draft.tags,
		pinned: draft.pinned,
		who: draft.who,
		why: draft.why,
		project: draft.project,
		sessionId: draft.sessionId,
		sourceType: draft.sourceType,
		sourceId: draft.sourceId,
		idempotencyKey: draft.idempotencyKey,
		runtimePath: draft.runtimePath,
		extractionStatus: isExtracted ? "pending" : "none",
		createdAt: draft.createdAt ?? now,
		updatedAt: draft.createdAt ?? now,
		updatedBy: draft.who,
	});
	await putMemoryOwner(writer, id, actor.scope);
	await putTurn(writer, id, draft);
	const after = await stored(writer, id);
	const metadata = { sourceType: draft.sourceType, sourceId: draft.sourceId };
	await recordEvent(writer, world, { event: "created", after, actor, reason: null, metadata });
	await extractLater(writer, after, options);
	return after;
}

/** That a memory is to be kept by all means, when it is not yet, and then at least as important. Saying it unpins nothing. */
function pinFrom(known: MemoryRow, draft: Draft): Pick<MemoryUpdate, "pinned" | "importance"> {
	if (!draft.pinned || known.pinned === 1) return {};
	return { pinned: true, ...(draft.importance > known.importance && { importance: draft.importance }) };
}

/** What a draft says of a memory beside its text: tags that it lacks, and a project if it has none. */
function sayingsOf(known: MemoryRow, draft: Draft): Pick<MemoryUpdate, "tags" | "project"> {
	const tags = joinTags(known.tags, draft.tags);
	const hasProject = known.project !== null && known.project !== "";
	return { ...(tags !== undefined && { tags }), ...(!hasProject && draft.project && { project: draft.project }) };
}

/**
 * Give a memory what else is said of it; undefined when that is nothing new. What it says stays as it is, and so does who
 * has said that at last.
 */
async function joinInto(
	writer: Writer,
	before: MemoryRow,
	draft: Draft,
	actor: Actor,
	options: IngestOptions,
): Promise<MemoryRow | undefined> {
	if (!options.isJoined) return undefined;
	// What a program finds somewhere is not pinned here by being pinned there.
	const update = { ...sayingsOf(before, draft), ...(options.origin === "asked" && pinFrom(before, draft)) };
	const changedFields = Object.keys(update);
	if (changedFields.length === 0 || (before.pinned === 1 && isAutonomous(actor))) return undefined;
	const { world } = options;
	await updateMemory(writer, before.id, {
		...update,
		updatedAt: isoTime(world.clock.now()),
		updatedBy: before.updated_by,
	});
	const after = await stored(writer, before.id);
	const metadata = { changedFields, ifVersion: null, contentChanged: false };
	await recordEvent(writer, world, { event: "merged", before, after, actor, reason: "it was said again", metadata });
	return after;
}

async function replaceContent(
	writer: Writer,
	before: MemoryRow,
	draft: Draft,
	actor: Actor,
	options: IngestOptions,
): Promise<MemoryRow> {
	const { world, isExtracted } = options;
	const sayings = sayingsOf(before, draft);
	await updateMemory(writer, before.id, {
		...sayings,
		content: draft.content,
		extractionStatus: isExtracted ? "pending" : "none",
		type: draft.type,
		updatedAt: isoTime(world.clock.now()),
		updatedBy: draft.who,
	});
	const after = await stored(writer, before.id);
	await recordEvent(writer, world, {
		event: "updated",
		before,
		after,
		actor,
		reason: "the source says something else now",
		metadata: {
			changedFields: ["content", ...(before.type === after.type ? [] : ["type"]), ...Object.keys(sayings)],
			ifVersion: null,
			contentChanged: true,
		},
	});
	await extractLater(writer, after, options);
	return after;
}

/** Bring a forgotten memory back as it is said now; what is not said stays as it was. */
async function revive(
	writer: Writer,
	before: MemoryRow,
	draft: Draft,
	actor: Actor,
	options: IngestOptions,
): Promise<MemoryRow> {
	await updateMemory(writer, before.id, {
		forgottenAt: null,
		...(before.content !== draft.content.storage && { content: draft.content }),
		...(draft.tags !== null && { tags: draft.tags }),
		...(draft.project !== null && { project: draft.project }),
		type: draft.type,
		importance: draft.importance,
		pinned: draft.pinned,
		updatedAt: isoTime(options.world.clock.now()),
		updatedBy: draft.who,
	});
	// Nobody has had it since an import was taken back: it comes again as it is told now.
	const isSameSession = before.session_id === draft.sessionId;
	if (isSameSession && isRetired({ updatedBy: before.updated_by })) await putTurn(writer, before.id, draft);
	const after = await stored(writer, before.id);
	await recordEvent(writer, options.world, {
		event: "recovered",
		before,
		after,
		actor,
		reason: "it was remembered again",
		metadata: { ifVersion: null },
	});
	await extractLater(writer, after, options);
	return after;
}

async function extractLater(writer: Writer, { id }: MemoryRow, { world, isExtracted }: IngestOptions): Promise<void> {
	if (!isExtracted) return;
	const createdAt = isoTime(world.clock.now());
	await enqueueJob(writer, { id: world.random.uuid(), memoryId: id, type: "extract", createdAt });
}

async function stored(writer: Writer, id: string): Promise<MemoryRow> {
	const row = await findMemory(writer, id, EVERYTHING);
	if (!row) throw new Error(`memory ${id} was stored and is not there`);
	return row;
}
