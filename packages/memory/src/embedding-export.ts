import { cleanFields, type MemoryScope, type TextCleaner } from "@signet/core";
import { countListed, embeddingsOfMemories, type ListedMemory, type Listing, type ListPosition } from "@signet/db";
import type { MemoryContext } from "./context.ts";
import { partsOf, readPage, type WalkContext } from "./listing-walk.ts";

/**
 * What is exported is what stands in the reference's `embeddings`, exactly as the model gave it. Vectors that are ours
 * alone (of the embedded default, and of chunks) are left out: of those only copies of one byte a number are kept, which
 * are good for comparing and are not what the model said; and whoever takes the export compares all of it with each other,
 * which vectors of another model must not be.
 */
const embeddedOf = (scope: MemoryScope): Listing => ({ filter: { scope }, hasEmbedding: true });

/** Memories read in one go, with their vectors and without: a few milliseconds until they are sent. */
const READ_WITH_VECTORS = 25;
const READ_WITHOUT = 500;

export interface ExportRequest {
	readonly scope: MemoryScope;
	readonly offset: number;
	readonly limit: number;
	readonly withVectors: boolean;
}

export interface ExportedEmbedding {
	readonly memory: ListedMemory;
	/** Undefined when vectors were not asked for, or it cannot be read. */
	readonly vector: Float32Array | undefined;
}

export interface EmbeddingExport {
	/** How many there are in the scope. */
	readonly total: number;
	/** Those that were asked for, the newest first, a few at a time. */
	readonly batches: AsyncIterable<ExportedEmbedding[]>;
}

/** Memories that have a vector in `embeddings`, for other programs, without the values of secrets. */
export async function exportEmbeddings(
	context: WalkContext & Pick<MemoryContext, "guard">,
	request: ExportRequest,
): Promise<EmbeddingExport> {
	const cleaner = await context.guard.ready();
	const embedded = embeddedOf(request.scope);
	let total = 0;
	for await (const part of partsOf(context, embedded)) {
		total += await context.database.read((reader) => countListed(reader, embedded, part));
	}
	return { total, batches: batchesOf(context, cleaner, request) };
}

async function* batchesOf(
	context: WalkContext,
	cleaner: TextCleaner,
	{ scope, offset, limit, withVectors }: ExportRequest,
): AsyncGenerator<ExportedEmbedding[]> {
	const embedded = embeddedOf(scope);
	const atOnce = withVectors ? READ_WITH_VECTORS : READ_WITHOUT;
	let after: ListPosition | undefined;
	for (let sent = 0; sent < limit; ) {
		const page = { after, offset: sent === 0 ? offset : 0, limit: Math.min(atOnce, limit - sent) };
		const memories = await readPage(context, embedded, page);
		if (memories.length === 0) return;
		const ids = memories.map(({ id }) => id);
		const vectors = withVectors
			? await context.database.read((reader) => embeddingsOfMemories(reader, ids))
			: undefined;
		yield memories.map((memory) => ({ memory: cleanFields(memory, cleaner), vector: vectors?.get(memory.id) }));
		sent += memories.length;
		after = memories.at(-1);
		await context.world.timers.yield();
	}
}
