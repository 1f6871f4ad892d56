export * from "./chunking.ts";
export { parseConfigDocument } from "./config/document.ts";
export {
	DEFAULT_LOCAL_MODEL,
	type EmbeddingProviderName,
	type EmbeddingSettings,
	isHttpAddress,
} from "./config/embedding-settings.ts";
export { concernsAuth } from "./config/read.ts";
export {
	type AgentSettings,
	type AuthSettings,
	type GitSettings,
	type HookSettings,
	type MemorySettings,
	type PipelineSettings,
	parseSettings,
	type SearchSettings,
	type SecretSettings,
	type Settings,
	type SynthesisSettings,
	type UpdateSettings,
} from "./config/settings.ts";
export * from "./content.ts";
export * from "./errors.ts";
export * from "./inference.ts";
export * from "./markdown.ts";
export * from "./memory.ts";
export { OWNER, parseOutgoingUrl } from "./outgoing/outgoing-url.ts";
export * from "./prefixes.ts";
export * from "./rest.ts";
export * from "./secret-reference.ts";
export * from "./seeded-random.ts";
export * from "./shown-address.ts";
export * from "./standing-thread.ts";
export * from "./tags.ts";
export * from "./text-guard.ts";
export * from "./thread.ts";
export * from "./time.ts";
export * from "./workspace.ts";
export * from "./world.ts";
