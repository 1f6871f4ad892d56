import { RequestError, type Settings, type World, within } from "@signet/core";
import { chunkIdsOf, type Database } from "@signet/db";
import type { DocumentEmbedder, DocumentIndex } from "@signet/search";
import type { Actor } from "./actor.ts";
import { draftMemory, type RememberRequest } from "./draft.ts";
import { ingest } from "./ingest.ts";

/** How long an answer waits for the vector of what is safely stored by then. It goes on being made after that. */
const EMBEDDING_WAIT_MS = 2_000;

export interface RememberContext {
	readonly database: Database;
	readonly documents: DocumentIndex;
	readonly embedder: DocumentEmbedder;
	readonly world: Pick<World, "clock" | "random" | "timers">;
	readonly settings: () => Pick<Settings, "pipeline">;
}

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
	/** The same was remembered before; that memory is answered, unchanged. */
	readonly deduped?: true;
	/** The memory of the same source said something else; it was changed. */
	readonly updated?: true;
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

/**
 * Store something. Resolves when it is durable, and findable by its words; its vector is waited for a little while,
 * unless `mode` is `async`. Throws when memory is frozen by the configuration.
 */
export async function remember(
	context: RememberContext,
	request: RememberRequest,
	actor: Actor,
	mode: "sync" | "async" = "sync",
): Promise<Remembered | RememberedInChunks> {
	const { database, documents, embedder, world } = context;
	const { pipeline } = context.settings();
	if (pipeline.mutationsFrozen) {
		throw new RequestError(503, "mutations_frozen", "Mutations are frozen (kill switch active)");
	}
	const isExtracted = pipeline.enabled || pipeline.shadowMode;
	// What is wrong with a request is said before it can hold up others.
	const draft = draftMemory(request);
	const { outcome, memory } = await database.write((writer) => ingest(writer, draft, actor, { world, isExtracted }));
	await documents.complete(memory.id);
	const isDuplicate = outcome === "duplicate";
	const embedding = isDuplicate ? Promise.resolve(true) : embedder.embedMemory(memory.id);
	const embedded = mode === "async" ? undefined : await within(world.timers, EMBEDDING_WAIT_MS, embedding);
	const remembered: Remembered = {
		id: memory.id,
		type: memory.type,
		tags: isDuplicate ? (memory.tags ?? "") : memory.tags,
		pinned: memory.pinned === 1,
		importance: memory.importance,
		content: memory.content,
		embedded: embedded ?? false,
		...(isDuplicate && { deduped: true as const }),
		...(outcome === "updated" && { updated: true as const }),
	};
	// What was stored before may have been divided by other sizes.
	if (!isDuplicate && memory.content.length <= pipeline.guardrails.maxContentChars) return remembered;
	const ids = await database.read((reader) => chunkIdsOf(reader, memory.id));
	if (ids.length === 0) return remembered;
	return { ...remembered, chunked: true, chunk_count: ids.length, ids, group_id: memory.id };
}
