import type { MemoryFilter, Settings, World } from "@signet/core";
import type { Database } from "@signet/db";
import type { DocumentIndex } from "../documents/document-index.ts";
import type { EmbeddingService } from "../embeddings/embedding-service.ts";
import type { AccessCounter } from "./access-counter.ts";
import type { Corpus } from "./corpus.ts";

/** What recall works with. */
export interface RecallContext {
	readonly database: Database;
	readonly documents: DocumentIndex;
	readonly corpus: Corpus;
	readonly embeddings: EmbeddingService;
	readonly accesses: AccessCounter;
	readonly world: Pick<World, "clock" | "timers">;
	/** Asked for each question, so that a changed configuration holds at once. */
	readonly settings: () => Pick<Settings, "search" | "pipeline">;
}

export interface RecallRequest {
	/** Not blank. */
	readonly query: string;
	/** 1 or more. */
	readonly limit: number;
	readonly filter: MemoryFilter;
	/** Results that score less are left out. */
	readonly minScore?: number;
	/** Search by words alone or by vectors alone; by both, when it is left out. */
	readonly legs?: "words" | "vectors";
	/** How many turns before and after each result come with it. */
	readonly context?: number;
	/** Do not count it as a use of what is found. */
	readonly isPreview?: boolean;
	/** Say what each part of the search gave and how long it took. */
	readonly explain?: boolean;
}
