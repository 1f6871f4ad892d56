import { isSection } from "./document.ts";
import type { Warn } from "./keys.ts";
import type { Section } from "./simple-yaml.ts";

/** `auto`: nothing is configured; an Ollama with the default model on this machine, else the embedded vectors. */
export type EmbeddingProviderName = "auto" | "ollama" | "openai" | "embedded" | "local" | "none";

export interface EmbeddingSettings {
	readonly provider: EmbeddingProviderName;
	readonly model: string;
	/** Length that vectors must have; undefined: whatever the model's first answer has. */
	readonly dimensions: number | undefined;
	/** Without a slash at its end. */
	readonly baseUrl: string;
	readonly apiKey: string | undefined;
	/** SHA-256 that a local model must have, in hex; undefined: whatever it had when it was first taken. */
	readonly digest?: string;
}

const OLLAMA_URL = "http://localhost:11434";
const OPENAI_URL = "https://api.openai.com/v1";
const DEFAULT_MODEL = { ollama: "nomic-embed-text", openai: "text-embedding-3-small" } as const;
/** Small, quick and good at English. */
export const DEFAULT_LOCAL_MODEL = "bge-small-en-v1.5";
const MAX_DIMENSIONS = 65_536;

/** Lengths of well-known models, for files that do not say. */
const MODEL_DIMENSIONS: Readonly<Record<string, number>> = {
	"nomic-embed-text": 768,
	"all-minilm": 384,
	"mxbai-embed-large": 1024,
	"text-embedding-3-small": 1536,
	"text-embedding-3-large": 3072,
};

const AUTO: EmbeddingSettings = {
	provider: "auto",
	model: DEFAULT_MODEL.ollama,
	dimensions: MODEL_DIMENSIONS[DEFAULT_MODEL.ollama],
	baseUrl: OLLAMA_URL,
	apiKey: undefined,
};

/** Read the embedding settings from whichever of their three places has any. */
export function readEmbedding(
	document: Section,
	env: Readonly<Record<string, string | undefined>>,
	warn: Warn,
): EmbeddingSettings {
	const memory = isSection(document.memory) ? document.memory : {};
	const section = [document.embedding, memory.embeddings, document.embeddings].find(isSection);
	if (!section || Object.keys(section).length === 0) return AUTO;
	const provider = readProvider(section, warn);
	if (provider === "none" || provider === "embedded") {
		return { provider, model: provider, dimensions: undefined, baseUrl: "", apiKey: undefined };
	}
	if (provider === "local") {
		const digest = readDigest(section.digest, warn);
		return {
			provider,
			model: textOf(section.model) ?? DEFAULT_LOCAL_MODEL,
			dimensions: readDimensions(section.dimensions, warn),
			baseUrl: "",
			apiKey: undefined,
			...(digest !== undefined && { digest }),
		};
	}
	const service = provider === "openai" ? "openai" : "ollama";
	const model = textOf(section.model) ?? DEFAULT_MODEL[service];
	return {
		provider,
		model,
		dimensions: readDimensions(section.dimensions, warn) ?? MODEL_DIMENSIONS[model],
		baseUrl: (textOf(section.base_url) ?? (service === "openai" ? OPENAI_URL : OLLAMA_URL)).replace(/\/$/, ""),
		apiKey: service === "openai" ? readApiKey(section.api_key, env, warn) : undefined,
	};
}

function readProvider(section: Section, warn: Warn): EmbeddingProviderName {
	const given = section.provider;
	switch (given) {
		case "ollama":
		case "openai":
		case "embedded":
		case "local":
		case "none":
			return given;
		case "native":
			return "local";
		case undefined:
		case null:
			return textOf(section.model) || textOf(section.base_url) ? "ollama" : "auto";
		default:
			warn(
				"embedding.provider",
				`${JSON.stringify(given)} is none of ollama, openai, embedded, local, none; embedded is used`,
			);
			return "embedded";
	}
}

function readDimensions(given: unknown, warn: Warn): number | undefined {
	if (given === undefined || given === null) return undefined;
	const value = typeof given === "string" ? Number(given) : given;
	if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_DIMENSIONS) return value;
	warn(
		"embedding.dimensions",
		`${JSON.stringify(given)} is no whole number from 1 to ${MAX_DIMENSIONS}; it is ignored`,
	);
	return undefined;
}

function readDigest(given: unknown, warn: Warn): string | undefined {
	if (given === undefined || given === null) return undefined;
	const digest = textOf(given)
		?.toLowerCase()
		.replace(/^sha256:/, "");
	if (digest !== undefined && /^[0-9a-f]{64}$/.test(digest)) return digest;
	warn("embedding.digest", `${JSON.stringify(given)} is no SHA-256 in hex; no model has it`);
	// A digest that was meant must not be passed over.
	return "invalid";
}

function readApiKey(given: unknown, env: Readonly<Record<string, string | undefined>>, warn: Warn): string | undefined {
	const key = textOf(given) ?? textOf(env.OPENAI_API_KEY);
	if (!key?.startsWith("$secret:")) return key;
	warn("embedding.api_key", `${key} cannot be resolved yet; put the key into OPENAI_API_KEY instead. No key is sent`);
	return undefined;
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
