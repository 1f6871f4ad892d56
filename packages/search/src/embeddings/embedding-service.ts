import { type EmbeddingSettings, messageOf, type SecretSource, type World, within } from "@signet/core";
import { BatchingEmbedder } from "./batching.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { NO_SECRETS, refersToSecret } from "./connection.ts";
import { EmbeddedProvider } from "./embedded.ts";
import { OllamaProvider, ollamaHasModel } from "./ollama.ts";
import { OpenAiProvider } from "./openai.ts";
import { type EmbeddedTexts, EmbeddingFailure, type EmbeddingProvider, type TextPurpose } from "./provider.ts";
import { QueryCache } from "./query-cache.ts";

/** How long a search waits for the vector of its question before it answers by words alone. */
const QUERY_BUDGET_MS = 1_500;
/** What every model takes. */
const PLAIN_TEXT = "memory";
/** How long a request may take in all; a model that is not loaded yet needs its time. */
const REQUEST_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 2_000;
const PROBE_INTERVAL_MS = 300_000;
const CACHED_QUERIES = 256;
/** Questions that go to the provider together, at most: all of them are answered when the last is. */
const MAX_QUESTIONS = 16;

/** Longer questions are cut: models have a window, and what a long text asks for stands at its beginning. */
const MAX_QUERY_CHARS = 2_000;

/** The provider in use with what belongs to it alone. */
interface Active {
	readonly provider: EmbeddingProvider;
	readonly breaker: CircuitBreaker;
	readonly documents: BatchingEmbedder;
	readonly questions: BatchingEmbedder;
	readonly queries: QueryCache;
	/** Questions that have waited for longer than a search may; while there are any, no other one waits. */
	overdue: number;
}

export interface QueryVector {
	readonly model: string;
	readonly vector: Float32Array;
	/** As the provider's. */
	readonly weight: number;
	/** How many of the nearest by their codes are to be compared exactly. */
	readonly compared: number;
}

export interface EmbeddingState {
	/** Name of the model whose vectors are made now; null when none are. */
	readonly model: string | null;
	/** Why no vectors can be made at the moment. */
	readonly problem: string | undefined;
}

/** Makes the vectors of questions and documents with whatever the configuration names. */
export class EmbeddingService {
	#settings: EmbeddingSettings | undefined;
	/** Changes of the secrets behind the settings, as far as they were taken up. */
	#secretChanges = 0;
	#active: Active | undefined;
	#isWatching = false;

	constructor(
		private readonly world: Pick<World, "clock" | "timers" | "network">,
		/** Asked at each use, so that a changed configuration holds at once. */
		private readonly settings: () => EmbeddingSettings,
		/** Told when documents may need other vectors: of another provider than before, or of another length. */
		private readonly onProviderChanged: () => void,
		/** Makes the provider that runs on this machine; told by `onChanged` that it is to be made again. */
		private readonly localProvider?: (
			settings: EmbeddingSettings,
			onChanged: (provider: EmbeddingProvider) => void,
		) => EmbeddingProvider,
		/** Where the values come from that settings refer to. */
		private readonly secrets: SecretSource = NO_SECRETS,
	) {}

	/** The provider in use; undefined when vectors are switched off. */
	get provider(): EmbeddingProvider | undefined {
		return this.#current()?.provider;
	}

	get state(): EmbeddingState {
		const active = this.#current();
		return {
			model: active?.provider.model ?? null,
			problem: active?.breaker.isClosed ? undefined : (active?.provider.problem ?? active?.breaker.reason),
		};
	}

	/**
	 * The vector of a question. Undefined when vectors are switched off. Throws an `EmbeddingFailure` when it cannot be
	 * had in the time that a search may take.
	 */
	async query(text: string): Promise<QueryVector | undefined> {
		const active = this.#use();
		if (!active) return undefined;
		const { model, weight, compared } = active.provider;
		if (active.overdue > 0) throw new EmbeddingFailure(`${model} is slow to answer at the moment`);
		const cut = text.slice(0, MAX_QUERY_CHARS);
		const made = active.queries.get(cut, () => this.#question(active, cut));
		const vector = await within(this.world.timers, QUERY_BUDGET_MS, made);
		if (vector) return { model, vector, weight, compared };
		active.overdue++;
		made.catch(() => undefined).finally(() => active.overdue--);
		throw new EmbeddingFailure(`${model} did not answer within ${QUERY_BUDGET_MS} ms`);
	}

	/** Questions that come together go together; one that the provider does not take must not cost the others theirs. */
	#question(active: Active, text: string): Promise<Float32Array> {
		return active.questions.embed(text).catch(async (error: unknown) => {
			if (!(error instanceof EmbeddingFailure && error.isRefusal)) throw error;
			return onlyOne(await this.#embed(active, [text], "query"));
		});
	}

	/**
	 * The vector of a text to be found, by the model of that name if one is given. Throws an `EmbeddingFailure` when it
	 * cannot be made now.
	 */
	async document(text: string, model?: string): Promise<Float32Array> {
		const active = this.#use();
		if (active && model !== undefined && model !== active.provider.model) {
			throw new EmbeddingFailure(`${active.provider.model} has just taken the place of ${model}`);
		}
		if (!active) throw new EmbeddingFailure("embeddings are switched off (embedding.provider: none)");
		return active.documents.embed(text);
	}

	/**
	 * With nothing configured, look for an Ollama with the default model now and then, and use it when there is one. Begins
	 * with the first text: a daemon that nobody uses asks nobody.
	 */
	async #watchForOllama(settings: EmbeddingSettings): Promise<void> {
		this.#isWatching = true;
		if (this.#settings?.provider === "auto" && this.#active?.provider instanceof EmbeddedProvider) {
			const isThere = await ollamaHasModel(this.world.network, settings, PROBE_TIMEOUT_MS);
			if (isThere && this.#settings?.provider === "auto") {
				this.#active = this.#activate(new OllamaProvider(settings, this.world.network, this.secrets));
				this.onProviderChanged();
			}
		}
		this.world.timers.after(PROBE_INTERVAL_MS, () => void this.#watchForOllama(settings));
	}

	#use(): Active | undefined {
		const active = this.#current();
		if (this.#settings?.provider === "auto" && !this.#isWatching) void this.#watchForOllama(this.#settings);
		return active;
	}

	#current(): Active | undefined {
		const settings = this.settings();
		const secretChanges = refersToSecret(settings) ? this.secrets.changes : 0;
		if (settings !== this.#settings || secretChanges !== this.#secretChanges) {
			const isFirst = this.#settings === undefined;
			const isSame =
				secretChanges === this.#secretChanges && JSON.stringify(settings) === JSON.stringify(this.#settings);
			this.#settings = settings;
			this.#secretChanges = secretChanges;
			if (!isSame) {
				const provider = this.#providerFor(settings);
				this.#active = provider && this.#activate(provider);
				if (!isFirst) this.onProviderChanged();
			}
		}
		return this.#active;
	}

	#providerFor(settings: EmbeddingSettings): EmbeddingProvider | undefined {
		switch (settings.provider) {
			case "none":
				return undefined;
			case "auto":
			case "embedded":
				return new EmbeddedProvider();
			case "ollama":
				return new OllamaProvider(settings, this.world.network, this.secrets);
			case "openai":
				return new OpenAiProvider(settings, this.world.network, this.secrets);
			case "local":
				return this.localProvider?.(settings, (provider) => this.#replace(provider, settings));
		}
	}

	#replace(provider: EmbeddingProvider, settings: EmbeddingSettings): void {
		if (this.#active?.provider !== provider) return;
		const next = this.#providerFor(settings);
		this.#active = next && this.#activate(next);
		this.onProviderChanged();
	}

	#activate(provider: EmbeddingProvider): Active {
		const breaker = new CircuitBreaker(this.world.clock);
		const active: Active = {
			provider,
			breaker,
			documents: new BatchingEmbedder((texts) => this.#embed(active, texts), provider.maxBatch, this.world.timers),
			questions: new BatchingEmbedder(
				(texts) => this.#embed(active, texts, "query"),
				Math.min(MAX_QUESTIONS, provider.maxBatch),
				this.world.timers,
			),
			queries: new QueryCache(CACHED_QUERIES),
			overdue: 0,
		};
		return active;
	}

	async #embed(active: Active, texts: readonly string[], purpose: TextPurpose = "document"): Promise<EmbeddedTexts> {
		const { provider, breaker } = active;
		const { dimensions } = provider;
		try {
			const vectors = await breaker.call(() => embedOrFail(provider, texts, purpose));
			if (provider.dimensions !== dimensions && this.#active === active) this.onProviderChanged();
			return vectors;
		} catch (error) {
			throw error instanceof EmbeddingFailure ? error : new EmbeddingFailure(messageOf(error));
		}
	}
}

/** A provider that refuses even a plain word does not refuse texts: it fails. */
async function embedOrFail(
	provider: EmbeddingProvider,
	texts: readonly string[],
	purpose: TextPurpose,
): Promise<EmbeddedTexts> {
	try {
		return await provider.embed(texts, REQUEST_TIMEOUT_MS, purpose);
	} catch (error) {
		if (error instanceof EmbeddingFailure && error.isRefusal && !(await takes(provider, PLAIN_TEXT))) {
			throw new EmbeddingFailure(error.message);
		}
		throw error;
	}
}

function takes(provider: EmbeddingProvider, text: string): Promise<boolean> {
	return provider.embed([text], REQUEST_TIMEOUT_MS).then(
		() => true,
		() => false,
	);
}

function onlyOne(vectors: EmbeddedTexts): Float32Array {
	const [vector] = vectors;
	if (!vector) throw new EmbeddingFailure("the model has no vector for this question", true);
	return vector;
}
