export { type Actor, FILE_KEEPER, IMPORT_KEEPER, isRetired } from "./actor.ts";
export { type Adopted, adopt, type ForeignMemory } from "./adopt.ts";
export { type AdoptedEvent, adoptEvent, type ForeignEvent } from "./adopt-event.ts";
export { browseMemories, type MemoryPage, readMemory } from "./browse.ts";
export type { Changed, ChangeRequest, Refusal } from "./change.ts";
export { Confirmations } from "./confirmation.ts";
export { type ChangeContext, changeContext, demandThawed, type MemoryContext } from "./context.ts";
export { type Draft, draftMemory, draftText, type RememberRequest } from "./draft.ts";
export {
	type EmbeddingExport,
	type ExportedEmbedding,
	type ExportRequest,
	exportEmbeddings,
} from "./embedding-export.ts";
export { type Erasure, erase } from "./erase.ts";
export { Erasures } from "./erasures.ts";
export { recordEvent } from "./event.ts";
export { applyForget, type ForgetRequest, type Forgotten, forget } from "./forget.ts";
export { applyForgetAgain, type ForgetAgainRequest } from "./forget-again.ts";
export {
	type ForgetBatchContext,
	type ForgetSelection,
	forgetBatch,
	MAX_FORGOTTEN,
	previewForget,
} from "./forget-batch.ts";
export { type History, type HistoryRequest, parseMetadata, readHistory } from "./history.ts";
export { rememberCompaction, rememberFromHook } from "./hook-writers.ts";
export { type Ingested, type IngestOptions, ingest, type Origin } from "./ingest.ts";
export { type KeywordMatch, listAuthors, searchKeywords } from "./keyword-search.ts";
export type { WalkContext } from "./listing-walk.ts";
export { type Modified, type ModifyRequest, modify, type Patch } from "./modify.ts";
export { type InvalidPatch, modifyBatch } from "./modify-batch.ts";
export { type Recovered, recover } from "./recover.ts";
export {
	type Remembered,
	type RememberedInChunks,
	type RememberOptions,
	remember,
} from "./remember.ts";
export { applyRestore, type Restored, type RestoreRequest, restore } from "./restore.ts";
export { Retention } from "./retention-job.ts";
export { type Swept, sweep } from "./retention-sweep.ts";
export { type MemoryStats, readStats } from "./stats.ts";
