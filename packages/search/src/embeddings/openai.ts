import type { EmbeddingSettings, Network, SecretSource } from "@signet/core";
import { connectionOf } from "./connection.ts";
import { addressOf, objectIn, postJson, vectorsFrom } from "./http-answer.ts";
import { nameWithPrompt, type Prompts, promptsOf } from "./prompts.ts";
import {
	type EmbeddedTexts,
	EmbeddingFailure,
	type EmbeddingProvider,
	MODEL_COMPARED,
	MODEL_WEIGHT,
	type TextPurpose,
} from "./provider.ts";

const PUBLIC_HOST = "api.openai.com";

/** A server that speaks the embeddings route of OpenAI (https://platform.openai.com/docs/api-reference/embeddings). */
export class OpenAiProvider implements EmbeddingProvider {
	readonly model: string;
	readonly referenceName: string;
	readonly takesStored: boolean;
	readonly weight = MODEL_WEIGHT;
	readonly compared = MODEL_COMPARED;
	readonly maxBatch = 16;
	readonly #prompts: Prompts;
	#dimensions: number | undefined;

	constructor(
		private readonly settings: EmbeddingSettings,
		private readonly network: Network,
		private readonly secrets: Pick<SecretSource, "resolve">,
	) {
		this.#prompts = promptsOf(settings.model);
		this.model = `openai:${nameWithPrompt(settings.model, this.#prompts)}`;
		this.referenceName = settings.model;
		this.takesStored = this.#prompts.document === "";
		this.#dimensions = settings.dimensions;
	}

	get dimensions(): number | undefined {
		return this.#dimensions;
	}

	async embed(texts: readonly string[], timeoutMs: number, purpose: TextPurpose = "document"): Promise<EmbeddedTexts> {
		const { model } = this.settings;
		const { apiKey, baseUrl } = await connectionOf(this.settings, this.secrets);
		const url = addressOf(baseUrl, "/embeddings");
		if (!apiKey && URL.canParse(url) && new URL(url).hostname === PUBLIC_HOST) {
			throw new EmbeddingFailure("there is no API key; set embedding.api_key in agent.yaml or OPENAI_API_KEY");
		}
		const input = texts.map((text) => this.#prompts[purpose] + text);
		const headers = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
		const answer = objectIn(url, await postJson(this.network, url, { model, input }, { timeoutMs, headers }));
		const vectors = vectorsFrom(inOrder(answer.data), texts.length, {
			said: this.settings.dimensions,
			seen: this.#dimensions,
		});
		this.#dimensions ??= vectors.find((vector) => vector)?.length;
		return vectors;
	}
}

/** The vectors of `data`, by their index where they have one. */
function inOrder(data: unknown): unknown {
	if (!Array.isArray(data)) return undefined;
	const lists: unknown[] = [];
	data.forEach((entry: { index?: unknown; embedding?: unknown } | null, at) => {
		lists[typeof entry?.index === "number" ? entry.index : at] = entry?.embedding;
	});
	return lists;
}
