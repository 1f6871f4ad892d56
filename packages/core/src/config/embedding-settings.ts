import { isSecretName, referredSecret } from "../secret-reference.ts";
import type { ConfigProblem, Configuration } from "./read.ts";

/** `auto`: nothing is configured; an Ollama with the default model on this machine, else the embedded vectors. */
export type EmbeddingProviderName = "auto" | "ollama" | "openai" | "embedded" | "local" | "none";

export interface EmbeddingSettings {
	readonly provider: EmbeddingProviderName;
	readonly model: string;
	/** Length that vectors must have; undefined: whatever the model's first answer has. */
	readonly dimensions: number | undefined;
	/** As it was given; a slash at its end says nothing. May be a reference to a secret (`$secret:NAME`), like the key. */
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
	const provider = named === "native" ? "local" : (named ?? (givenModel || base_url ? "ollama" : "auto"));
	if (provider === "none" || provider === "embedded") {
		return {
			settings: { provider, model: provider, dimensions: undefined, baseUrl: "", apiKey: undefined },
			problems: [],
		};
	}
	if (provider === "local") return localSettings(values.embedding, origins);
	const isOpenAi = provider === "openai";
	const model = givenModel ?? DEFAULT_MODEL[isOpenAi ? "openai" : "ollama"];
	const problems: ConfigProblem[] = [
		...brokenReference("base_url", base_url, origins),
		...brokenReference("api_key", api_key, origins),
	];
	if (base_url !== undefined && referredSecret(base_url) === undefined && !isHttpAddress(base_url)) {
		const origin = origins.get("embedding.base_url");
		const path = origin?.from === "file" ? origin.path : ["embedding", "base_url"];
		const advice = "it has to begin with http:// or https://. Nothing is asked, and no vectors are made";
		problems.push({ kind: "unused", path, text: `${JSON.stringify(base_url)} is no address: ${advice}` });
	}
	return {
		settings: {
			provider,
			model,
			dimensions: dimensions ?? MODEL_DIMENSIONS[model],
			baseUrl: base_url ?? (isOpenAi ? OPENAI_URL : OLLAMA_URL),
			apiKey: isOpenAi ? api_key : undefined,
		},
		problems,
	};
}

/** Whether it is the address of a server that can be asked. */
export function isHttpAddress(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** What refers to a secret that there cannot be. */
function brokenReference(
	key: string,
	value: string | undefined,
	origins: Configuration["origins"],
): readonly ConfigProblem[] {
	const name = referredSecret(value ?? "");
	if (name === undefined || isSecretName(name)) return [];
	const origin = origins.get(`embedding.${key}`);
	return [
		{
			kind: "unused",
			path: origin?.from === "file" ? origin.path : ["embedding", key],
			text: `${value} names no secret: letters, digits and underscores, and no digit first. No vectors are made`,
		},
	];
}

/** What a digest in hex looks like. */
const DIGEST = /^[0-9a-f]{64}$/;

function localSettings(
	{ model, dimensions, digest: given }: Configuration["values"]["embedding"],
	origins: Configuration["origins"],
): ReturnType<typeof embeddingSettings> {
	const digest = given?.toLowerCase().replace(/^sha256:/, "");
	const isValid = digest === undefined || DIGEST.test(digest);
	const origin = origins.get("embedding.digest");
	return {
		settings: {
			provider: "local",
			model: model ?? DEFAULT_LOCAL_MODEL,
			dimensions,
			baseUrl: "",
			apiKey: undefined,
			// A digest that was meant must not be passed over.
			...(digest !== undefined && { digest: isValid ? digest : "invalid" }),
		},
		problems: isValid
			? []
			: [
					{
						kind: "unused",
						path: origin?.from === "file" ? origin.path : ["embedding", "digest"],
						text: `${JSON.stringify(given)} is no SHA-256 in hex; no model has it`,
					},
				],
	};
}
