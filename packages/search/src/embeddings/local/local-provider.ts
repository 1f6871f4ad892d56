import { type EmbeddingSettings, messageOf } from "@signet/core";
import {
	type EmbeddedTexts,
	EmbeddingFailure,
	type EmbeddingProvider,
	MODEL_COMPARED,
	MODEL_WEIGHT,
	type TextPurpose,
} from "../provider.ts";
import type { LocalModels } from "./local-models.ts";
import type { TakenModel } from "./model-store.ts";

/**
 * A sentence model on this machine. Until its files are here it makes no vectors and says so; as soon as they are, or
 * are others than they were, it asks to be replaced, since its name tells from which files its vectors are.
 */
export class LocalProvider implements EmbeddingProvider {
	readonly model: string;
	readonly referenceName = undefined;
	readonly weight = MODEL_WEIGHT;
	readonly compared = MODEL_COMPARED;
	/** They are done one by one; few at once, so that a question need not wait for a long answer. */
	readonly maxBatch = 8;
	readonly #taken: TakenModel | undefined;

	constructor(
		private readonly models: LocalModels,
		private readonly settings: EmbeddingSettings,
		private readonly onChanged: (provider: EmbeddingProvider) => void,
	) {
		this.#taken = this.#findQuietly();
		this.model = this.#taken?.identity ?? `local:${settings.model}`;
	}

	get dimensions(): number | undefined {
		const made = this.#taken && this.models.runningState(this.#taken).dimensions;
		return made ?? this.settings.dimensions ?? this.#taken?.known?.dimensions;
	}

	/** Why it makes no vectors at the moment, as far as that is known without trying. */
	get problem(): string | undefined {
		try {
			return this.models.find(this.settings) ? undefined : this.models.stateOf(this.settings);
		} catch (error) {
			return messageOf(error);
		}
	}

	async embed(texts: readonly string[], timeoutMs: number, purpose: TextPurpose = "document"): Promise<EmbeddedTexts> {
		const model = this.#usable();
		const isQuery = purpose === "query";
		const prefix = isQuery ? model.recipe.queryPrefix : model.recipe.documentPrefix;
		const vectors = await this.models.processOf(model).embed(
			texts.map((text) => prefix + text),
			isQuery,
			timeoutMs,
		);
		const { dimensions } = this.settings;
		const other = dimensions !== undefined && vectors.find((vector) => vector && vector.length !== dimensions);
		if (!other) return vectors;
		throw new EmbeddingFailure(
			`the model makes vectors of ${other.length} numbers, but embedding.dimensions is ${dimensions}; correct it in agent.yaml`,
		);
	}

	/** The model that the settings mean, if it is the one that this provider is named after. */
	#usable(): TakenModel {
		if (!this.models.isCurrent(this)) throw new EmbeddingFailure(`${this.model} is not used any more`);
		if (this.#taken && this.models.runningState(this.#taken).isRunning) return this.#taken;
		const found = this.#find();
		if (!found) {
			this.models.prepare(this.settings, () => this.onChanged(this));
			throw new EmbeddingFailure(this.models.stateOf(this.settings));
		}
		if (found.identity === this.model) return found;
		this.onChanged(this);
		throw new EmbeddingFailure(`${found.name} has just come into use`);
	}

	#find(): TakenModel | undefined {
		try {
			return this.models.find(this.settings);
		} catch (error) {
			throw new EmbeddingFailure(messageOf(error));
		}
	}

	/** What is wrong is told when a text is to be embedded. */
	#findQuietly(): TakenModel | undefined {
		try {
			return this.models.find(this.settings);
		} catch {
			return undefined;
		}
	}
}
