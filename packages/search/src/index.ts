export { DocumentEmbedder } from "./documents/document-embedder.ts";
export { type ChunkSizes, DocumentIndex, divide } from "./documents/document-index.ts";
export { EmbeddingService, type EmbeddingState } from "./embeddings/embedding-service.ts";
export { WordCounts } from "./lexical/word-counts.ts";
export { AccessCounter } from "./recall/access-counter.ts";
export type { RecallAnswer, RecallExplanation, RecallResult } from "./recall/answer.ts";
export type { RecallContext, RecallRequest } from "./recall/context.ts";
export { recall } from "./recall/recall.ts";
export { ActiveIndex } from "./vector/active-index.ts";
