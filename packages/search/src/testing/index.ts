export { EMBEDDED_COMPARED, embedText } from "../embeddings/embedded.ts";
export { MODEL_COMPARED } from "../embeddings/provider.ts";
export { queryWords } from "../lexical/query-words.ts";
export { CodeScanner } from "../vector/code-scanner.ts";
export { recallAtTen } from "./vector-recall.ts";
export * from "./vectors.ts";
export { type Workbench, workbench } from "./workbench.ts";
