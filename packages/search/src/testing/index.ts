export { EMBEDDED_COMPARED, embedText } from "../embeddings/embedded.ts";
export { MODEL_COMPARED } from "../embeddings/provider.ts";
export { parseQuestion } from "../lexical/question.ts";
export { CodeScanner } from "../vector/code-scanner.ts";
export * from "./tiny-model.ts";
export { recallAtTen } from "./vector-recall.ts";
export * from "./vectors.ts";
export { type Workbench, workbench } from "./workbench.ts";
