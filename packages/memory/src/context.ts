import { RequestError, type Settings, type TextCleaner, type TextGuard, type World, within } from "@signet/core";
import type { Database } from "@signet/db";
import type { DocumentEmbedder, DocumentIndex } from "@signet/search";
import type { Erasures } from "./erasures.ts";

/** How long an answer waits for the vector of what is safely stored by then. It goes on being made after that. */
const EMBEDDING_WAIT_MS = 2_000;

/** What operations on memories work with. */
export interface MemoryContext {
	readonly database: Database;
	readonly documents: DocumentIndex;
	readonly embedder: DocumentEmbedder;
	readonly erasures: Pick<Erasures, "removeTraces">;
	/** Keeps the values of secrets out of what is remembered. */
	readonly guard: TextGuard;
	readonly world: Pick<World, "clock" | "random" | "timers">;
	/** Asked at each use, so that a changed configuration holds at once. */
	readonly settings: () => Pick<Settings, "pipeline">;
}

/** What a change within a write works with. */
export interface ChangeContext {
	readonly world: Pick<World, "clock" | "random">;
	readonly cleaner: TextCleaner;
}

/** What a change within a write works with, as it is at this moment. */
export async function changeContext({ world, guard }: MemoryContext): Promise<ChangeContext> {
	return { world, cleaner: await guard.ready() };
}

/** A request whose reason says no secret. */
export async function withCleanReason<T extends { readonly reason: string }>(
	{ guard }: MemoryContext,
	request: T,
): Promise<T> {
	const { text } = (await guard.ready()).clean(request.reason);
	return text === request.reason ? request : { ...request, reason: text };
}

/** Throws while the configuration forbids all changes (`memory.pipelineV2.mutationsFrozen`). */
export function demandThawed({ settings }: Pick<MemoryContext, "settings">): void {
	if (settings().pipeline.mutationsFrozen) {
		throw new RequestError(503, "mutations_frozen", "Mutations are frozen (kill switch active)");
	}
}

/** Wait a little while for the vectors of a memory; resolves to whether it has them. */
export async function awaitVector({ embedder, world }: MemoryContext, memoryId: string): Promise<boolean> {
	return (await within(world.timers, EMBEDDING_WAIT_MS, embedder.embedMemory(memoryId))) ?? false;
}
