import type { EmbeddingSettings, Network, SecretSource } from "@signet/core";
import { connectionOf } from "./connection.ts";
import { addressOf, objectIn, postJson, vectorsFrom } from "./http-answer.ts";
import { nameWithPrompt, type Prompts, promptsOf } from "./prompts.ts";
import {
	type EmbeddedTexts,
	type EmbeddingProvider,
	MODEL_COMPARED,
	MODEL_WEIGHT,
	type TextPurpose,
} from "./provider.ts";

/** An Ollama server (https://github.com/ollama/ollama/blob/main/docs/api.md). */
export class OllamaProvider implements EmbeddingProvider {
	readonly model: string;
	readonly referenceName: string;
	readonly takesStored: boolean;
	readonly weight = MODEL_WEIGHT;
	readonly compared = MODEL_COMPARED;
	readonly maxBatch = 16;
	readonly #prompts: Prompts;
	#dimensions: number | undefined;
	/** Servers before 0.3 take one text at a time, at another path. */
	#takesBatches = true;

	constructor(
		private readonly settings: EmbeddingSettings,
		private readonly network: Network,
		private readonly secrets: Pick<SecretSource, "resolve">,
	) {
		this.#prompts = promptsOf(settings.model);
		this.model = `ollama:${nameWithPrompt(settings.model, this.#prompts)}`;
		this.referenceName = settings.model;
		this.takesStored = this.#prompts.document === "";
		this.#dimensions = settings.dimensions;
	}

	get dimensions(): number | undefined {
		return this.#dimensions;
	}

	async embed(texts: readonly string[], timeoutMs: number, purpose: TextPurpose = "document"): Promise<EmbeddedTexts> {
		const { baseUrl } = await connectionOf(this.settings, this.secrets);
		const prompted = texts.map((text) => this.#prompts[purpose] + text);
		const lists = this.#takesBatches
			? await this.#embedBatch(baseUrl, prompted, timeoutMs)
			: await this.#embedSingly(baseUrl, prompted, timeoutMs);
		const vectors = vectorsFrom(lists, texts.length, { said: this.settings.dimensions, seen: this.#dimensions });
		this.#dimensions ??= vectors.find((vector) => vector)?.length;
		return vectors;
	}

	async #embedBatch(baseUrl: string, texts: readonly string[], timeoutMs: number): Promise<unknown> {
		const url = addressOf(baseUrl, "/api/embed");
		const answer = await postJson(this.network, url, { model: this.settings.model, input: texts }, { timeoutMs });
		// An unknown model is a 404 too, but one that is explained in JSON.
		if (answer.status === 404 && !answer.text.trimStart().startsWith("{")) {
			this.#takesBatches = false;
			return this.#embedSingly(baseUrl, texts, timeoutMs);
		}
		return objectIn(url, answer).embeddings;
	}

	async #embedSingly(baseUrl: string, texts: readonly string[], timeoutMs: number): Promise<unknown[]> {
		const url = addressOf(baseUrl, "/api/embeddings");
		const lists: unknown[] = [];
		for (const prompt of texts) {
			const answer = await postJson(this.network, url, { model: this.settings.model, prompt }, { timeoutMs });
			lists.push(objectIn(url, answer).embedding);
		}
		return lists;
	}
}

/** Whether an Ollama server answers at the address and has the model. Never throws. */
export async function ollamaHasModel(
	network: Network,
	{ baseUrl, model }: EmbeddingSettings,
	timeoutMs: number,
): Promise<boolean> {
	try {
		const url = addressOf(baseUrl, "/api/tags");
		return modelsOfOllama(objectIn(url, await network.fetch(url, { timeoutMs }))).some((name) =>
			ollamaNames(name, model),
		);
	} catch {
		return false;
	}
}

/** The names in an answer of `/api/tags`. */
export function modelsOfOllama({ models }: Readonly<Record<string, unknown>>): string[] {
	if (!Array.isArray(models)) return [];
	return models.flatMap((entry: unknown) =>
		typeof entry === "object" && entry !== null && "name" in entry ? [String(entry.name)] : [],
	);
}

/** Whether a server's name is that model: `nomic-embed-text` is any tag of it; `nomic-embed-text:v1.5` is only that. */
export function ollamaNames(name: string, model: string): boolean {
	return name === model || (!model.includes(":") && name.split(":")[0] === model);
}
