import { chunkIdsOf } from "@signet/db";
import type { Actor } from "./actor.ts";
import { awaitVector, demandThawed, type MemoryContext } from "./context.ts";
import { type Draft, draftMemory, type RememberRequest } from "./draft.ts";
import { ingest, type Origin } from "./ingest.ts";

/** A memory as remember answers it; the reference's keys. */
export interface Remembered {
	readonly id: string;
	readonly type: string;
	/** As stored; for a memory that was known already an empty text instead of null. */
	readonly tags: string | null;
	readonly pinned: boolean;
	readonly importance: number;
	readonly content: string;
	/** Whether it can be found by its vector already. */
	readonly embedded: boolean;
	/** The same was remembered before; that memory is answered. What it says stays as it is. */
	readonly deduped?: true;
	/** It has got tags, or a project, that it did not have. */
	readonly merged?: true;
	/** The memory of the same source said something else; it was changed. */
	readonly updated?: true;
	/** It was forgotten and is back. */
	readonly recovered?: true;
}

/** A memory that is too long to be found and shown as one. */
export interface RememberedInChunks extends Remembered {
	readonly chunked: true;
	readonly chunk_count: number;
	/** Ids of the chunks, in their order. Each can be read by its id, like a memory. */
	readonly ids: readonly string[];
	/** The memory's own id. */
	readonly group_id: string;
}

export interface RememberOptions {
	/** Whether to wait a little while for the vector. */
	readonly mode?: "sync" | "async";
	/** Take even what was erased for good. */
	readonly isRevived?: boolean;
	/** Give a memory that says the same the tags that it lacks, and a project if it has none. */
	readonly isJoined?: boolean;
}

/**
 * Store something. Resolves when it is durable, and findable by its words; its vector is waited for a little while,
 * unless `mode` is `async`. Throws when memory is frozen by the configuration.
 */
export async function remember(
	context: MemoryContext,
	request: RememberRequest,
	actor: Actor,
	options: RememberOptions = {},
): Promise<Remembered | RememberedInChunks> {
	// What is wrong with a request is said before it can hold up others.
	return rememberDraft(context, draftMemory(request, await context.guard.ready()), actor, options);
}

/** As `remember`, for a draft that was made otherwise. */
export async function rememberDraft(
	context: MemoryContext,
	draft: Draft,
	actor: Actor,
	{ mode = "sync", isRevived = false, isJoined = false }: RememberOptions = {},
): Promise<Remembered | RememberedInChunks> {
	const remembered = await keep(context, draft, actor, { mode, isRevived, isJoined, origin: "asked" });
	if (!remembered) throw new Error("what was asked for was not kept");
	return remembered;
}

/** As `rememberDraft`, for what nobody asked for: undefined when it was forgotten before. */
export function rememberFound(
	context: MemoryContext,
	draft: Draft,
	actor: Actor,
): Promise<Remembered | RememberedInChunks | undefined> {
	return keep(context, draft, actor, { mode: "async", isRevived: false, isJoined: false, origin: "found" });
}

async function keep(
	context: MemoryContext,
	draft: Draft,
	actor: Actor,
	{ mode, isRevived, isJoined, origin }: Required<RememberOptions> & { readonly origin: Origin },
): Promise<Remembered | RememberedInChunks | undefined> {
	const { database, documents, world } = context;
	demandThawed(context);
	const { pipeline } = context.settings();
	const isExtracted = origin === "asked" && (pipeline.enabled || pipeline.shadowMode);
	const ingested = await database.write((writer) =>
		ingest(writer, draft, actor, { world, isExtracted, origin, isRevived, isJoined }),
	);
	if (ingested.outcome === "forgotten") return undefined;
	const { outcome, memory } = ingested;
	await documents.complete(memory.id);
	const isDuplicate = outcome === "duplicate";
	const embedded = mode === "async" ? false : isDuplicate || (await awaitVector(context, memory.id));
	const remembered: Remembered = {
		id: memory.id,
		type: memory.type,
		tags: isDuplicate ? (memory.tags ?? "") : memory.tags,
		pinned: memory.pinned === 1,
		importance: memory.importance,
		content: memory.content,
		embedded,
		...(isDuplicate && { deduped: true as const }),
		...(outcome === "duplicate" && ingested.before && { merged: true as const }),
		...(outcome === "updated" && { updated: true as const }),
		...(outcome === "recovered" && { recovered: true as const }),
	};
	// What was stored before may have been divided by other sizes.
	if (!isDuplicate && memory.content.length <= pipeline.guardrails.maxContentChars) return remembered;
	return inChunks(context, remembered);
}

async function inChunks({ database }: MemoryContext, remembered: Remembered): Promise<Remembered | RememberedInChunks> {
	const ids = await database.read((reader) => chunkIdsOf(reader, remembered.id));
	if (ids.length === 0) return remembered;
	return { ...remembered, chunked: true, chunk_count: ids.length, ids, group_id: remembered.id };
}
