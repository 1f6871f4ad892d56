export { hashText } from "../embeddings/embedded.ts";
export { queryWords } from "../lexical/query-words.ts";
export { CodeScanner } from "../vector/code-scanner.ts";
export { cosineSimilarity } from "../vector/similarity.ts";
export { VectorIndex } from "../vector/vector-index.ts";
export * from "./vectors.ts";
