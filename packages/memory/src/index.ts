export type { Actor } from "./actor.ts";
export { browseMemories, type MemoryPage, readMemory } from "./browse.ts";
export type { MemoryContext } from "./context.ts";
export { type Draft, draftMemory, draftText, type RememberRequest } from "./draft.ts";
export { type EmbeddingExport, type ExportedEmbedding, exportEmbeddings } from "./embedding-export.ts";
export { type Ingested, type IngestOptions, ingest, type Origin } from "./ingest.ts";
export { type KeywordMatch, listAuthors, searchKeywords } from "./keyword-search.ts";
export type { WalkContext } from "./listing-walk.ts";
export {
	type Remembered,
	type RememberedInChunks,
	type RememberOptions,
	remember,
	rememberDraft,
} from "./remember.ts";
