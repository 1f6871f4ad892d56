import { type EmbeddingSettings, isoTime, type SecretSource, shownAddress, type World } from "@signet/core";
import { connectionOf, NO_SECRETS, refersToSecret } from "./connection.ts";
import type { EmbeddingService } from "./embedding-service.ts";
import { addressOf, objectIn, reasonOf } from "./http-answer.ts";
import { modelsOfOllama, ollamaNames } from "./ollama.ts";
import { OpenAiProvider } from "./openai.ts";

/** Whether a provider can make vectors. */
export interface ProviderCheck {
	readonly provider: string;
	readonly model: string;
	readonly base_url: string;
	readonly available: boolean;
	/** ISO-8601 UTC. */
	readonly checkedAt: string;
	readonly dimensions?: number;
	/** Why it cannot, in words for a person. */
	readonly error?: string;
}

type Finding = Pick<ProviderCheck, "available" | "dimensions" | "error">;

/** So long an answer holds, as long as the configuration does. */
const FRESH_MS = 30_000;
const LIST_TIMEOUT_MS = 5_000;
const EMBED_TIMEOUT_MS = 30_000;

/** Asks the provider of the configuration whether it is there, at most every half minute. */
export class ProviderChecker {
	#checked: { readonly key: string; readonly atMs: number; readonly check: Promise<ProviderCheck> } | undefined;
	#latest: { readonly key: string; readonly check: ProviderCheck } | undefined;

	constructor(
		private readonly world: Pick<World, "clock" | "network">,
		private readonly settings: () => EmbeddingSettings,
		private readonly embeddings: Pick<EmbeddingService, "provider" | "state">,
		private readonly secrets: SecretSource = NO_SECRETS,
	) {}

	/** What the provider answers. Never throws. Who asks while another does gets the same answer. */
	check(): Promise<ProviderCheck> {
		const settings = this.settings();
		const key = this.#keyOf(settings);
		const nowMs = this.world.clock.now();
		const { key: known, atMs = 0, check } = this.#checked ?? {};
		if (check && known === key && nowMs - atMs < FRESH_MS) return check;
		const made = this.#ask(settings).then((answer) => {
			this.#latest = { key, check: answer };
			return answer;
		});
		this.#checked = { key, atMs: nowMs, check: made };
		return made;
	}

	/** The last answer, if it is still to be believed. Asks nobody. */
	get latest(): ProviderCheck | undefined {
		const { key, check } = this.#latest ?? {};
		const isFresh = this.#checked && this.world.clock.now() - this.#checked.atMs < FRESH_MS;
		return isFresh && key === this.#keyOf(this.settings()) ? check : undefined;
	}

	/** Answers hold for the same settings, with the same secrets behind them. */
	#keyOf(settings: EmbeddingSettings): string {
		return JSON.stringify([settings, refersToSecret(settings) ? this.secrets.changes : 0]);
	}

	async #ask(settings: EmbeddingSettings): Promise<ProviderCheck> {
		const checkedAt = isoTime(this.world.clock.now());
		const { provider, model, baseUrl } = this.#inUse(settings);
		const finding = await this.#find(settings, provider).catch((error: unknown): Finding => {
			return { available: false, error: reasonOf(error) };
		});
		return { provider, model, base_url: shownAddress(baseUrl), checkedAt, ...finding };
	}

	/** With nothing configured it is whatever was found. */
	#inUse({ provider, model, baseUrl }: EmbeddingSettings): Pick<EmbeddingSettings, "model" | "baseUrl" | "provider"> {
		if (provider !== "auto") return { provider, model, baseUrl };
		const isOllama = this.embeddings.provider?.referenceName !== undefined;
		return isOllama ? { provider: "ollama", model, baseUrl } : { provider: "embedded", model: "embedded", baseUrl: "" };
	}

	async #find(settings: EmbeddingSettings, provider: EmbeddingSettings["provider"]): Promise<Finding> {
		switch (provider) {
			case "none":
				return { available: false, error: "Vectors are switched off (the provider is 'none'): recall goes by words" };
			case "auto":
			case "embedded":
				return { available: true, ...dimensionsOf(this.embeddings.provider?.dimensions) };
			case "local": {
				// Asking it for something would start it.
				const problem = this.embeddings.provider?.problem ?? this.embeddings.state.problem;
				if (problem !== undefined) return { available: false, error: problem };
				return { available: true, ...dimensionsOf(this.embeddings.provider?.dimensions) };
			}
			case "ollama":
				return this.#findInOllama(settings);
			case "openai": {
				const [vector] = await new OpenAiProvider(settings, this.world.network, this.secrets).embed(
					["test"],
					EMBED_TIMEOUT_MS,
				);
				if (!vector) return { available: false, error: "Failed to generate test embedding" };
				return { available: true, dimensions: vector.length };
			}
		}
	}

	async #findInOllama(settings: EmbeddingSettings): Promise<Finding> {
		const { model, dimensions } = settings;
		const { baseUrl } = await connectionOf(settings, this.secrets);
		const url = addressOf(baseUrl, "/api/tags");
		const answer = await this.world.network.fetch(url, { timeoutMs: LIST_TIMEOUT_MS });
		if (answer.status < 200 || answer.status > 299) {
			return { available: false, error: `Ollama returned ${answer.status}` };
		}
		const names = modelsOfOllama(objectIn(url, answer));
		if (names.some((name) => ollamaNames(name, model))) return { available: true, ...dimensionsOf(dimensions) };
		return { available: false, error: `Model '${model}' not found. Available: ${names.join(", ") || "none"}` };
	}
}

function dimensionsOf(dimensions: number | undefined): { dimensions?: number } {
	return dimensions === undefined ? {} : { dimensions };
}
