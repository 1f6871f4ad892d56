import { RequestError, type Settings, type World, within } from "@signet/core";
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
	readonly world: Pick<World, "clock" | "random" | "timers">;
	/** Asked at each use, so that a changed configuration holds at once. */
	readonly settings: () => Pick<Settings, "pipeline">;
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
