/** What a program needs to have models downloaded, listed and removed. Loads nothing that runs them. */
export { MODEL_HUB } from "./known-models.ts";
export { type ListedModel, ModelProblem, ModelStore } from "./model-store.ts";
export { pullModel } from "./pull.ts";
