import type { ConfigProblem, Configuration } from "./read.ts";

/** `auto`: nothing is configured; an Ollama with the default model on this machine, else the embedded vectors. */
export type EmbeddingProviderName = "auto" | "ollama" | "openai" | "embedded" | "none";

export interface EmbeddingSettings {
	readonly provider: EmbeddingProviderName;
	readonly model: string;
	/** Length that vectors must have; undefined: whatever the model's first answer has. */
	readonly dimensions: number | undefined;
	/** Without a slash at its end. */
	readonly baseUrl: string;
	readonly apiKey: string | undefined;
}

const OLLAMA_URL = "http://localhost:11434";
const OPENAI_URL = "https://api.openai.com/v1";
const DEFAULT_MODEL = { ollama: "nomic-embed-text", openai: "text-embedding-3-small" } as const;

/** Lengths of well-known models, for files that do not say. */
const MODEL_DIMENSIONS: Readonly<Record<string, number>> = {
	"nomic-embed-text": 768,
	"all-minilm": 384,
	"mxbai-embed-large": 1024,
	"text-embedding-3-small": 1536,
	"text-embedding-3-large": 3072,
};

/** What the section of that name comes to, where each value depends on the provider. */
export function embeddingSettings({ values, origins }: Configuration): {
	readonly settings: EmbeddingSettings;
	readonly problems: readonly ConfigProblem[];
} {
	const { model: givenModel, base_url, dimensions, api_key, provider: named } = values.embedding;
	const provider = named ?? (givenModel || base_url ? "ollama" : "auto");
	if (provider === "none" || provider === "embedded") {
		return {
			settings: { provider, model: provider, dimensions: undefined, baseUrl: "", apiKey: undefined },
			problems: [],
		};
	}
	const isOpenAi = provider === "openai";
	const model = givenModel ?? DEFAULT_MODEL[isOpenAi ? "openai" : "ollama"];
	const isUnresolved = isOpenAi && api_key?.startsWith("$secret:");
	const origin = origins.get("embedding.api_key");
	return {
		settings: {
			provider,
			model,
			dimensions: dimensions ?? MODEL_DIMENSIONS[model],
			baseUrl: (base_url ?? (isOpenAi ? OPENAI_URL : OLLAMA_URL)).replace(/\/$/, ""),
			apiKey: isOpenAi && !isUnresolved ? api_key : undefined,
		},
		problems: isUnresolved
			? [
					{
						kind: "unused",
						path: origin?.from === "file" ? origin.path : ["embedding", "api_key"],
						text: `${api_key} cannot be resolved yet; put the key into OPENAI_API_KEY instead. No key is sent`,
					},
				]
			: [],
	};
}
