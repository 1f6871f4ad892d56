import { type EmbeddingSettings, messageOf, type World } from "@signet/core";
import type { EmbeddingProvider } from "../provider.ts";
import { MODEL_HUB } from "./known-models.ts";
import { LocalProvider } from "./local-provider.ts";
import { ModelProcess } from "./model-process.ts";
import { type ModelPlace, ModelStore, type TakenModel } from "./model-store.ts";

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Of a download so much is told at a time. */
const TOLD_PERCENT = 10;
const MEGABYTE = 1_000_000;

export interface LocalModelsOptions {
	readonly world: Pick<World, "clock" | "timers" | "network" | "processes">;
	readonly modelsFolder: string;
	/** The workspace: what relative paths start from. */
	readonly root: string;
	/** Where models are downloaded from, if not from where they are published. */
	readonly hub: string | undefined;
	/** Starts this program as the process that runs a model. */
	readonly workerCommand: readonly string[];
	/** So long nobody asks anything before that process ends. */
	readonly idleMs: number;
	/** Told of what goes on, for the log. */
	readonly onNews: (message: string, details: Readonly<Record<string, string | number>>) => void;
}

/** What is done to have a model, or went wrong with it. */
interface Preparation {
	/** In words for a person. */
	state: string;
	isUnderWay: boolean;
	failures: number;
	/** No download is tried again before that. */
	pausedUntilMs: number;
	onReady: () => void;
}

/** The models that run on this machine: at most one at a time, in a process of its own. */
export class LocalModels {
	readonly #store: ModelStore;
	readonly #preparations = new Map<string, Preparation>();
	readonly #stopping = new AbortController();
	#provider: EmbeddingProvider | undefined;
	#process: { readonly identity: string; readonly running: ModelProcess } | undefined;

	constructor(private readonly options: LocalModelsOptions) {
		this.#store = new ModelStore(options.modelsFolder, options.root);
	}

	/** The provider that settings mean. `onChanged` is told when it is to be replaced by a new one of the same settings. */
	provider(settings: EmbeddingSettings, onChanged: (provider: EmbeddingProvider) => void): EmbeddingProvider {
		this.#provider = new LocalProvider(this, settings, onChanged);
		return this.#provider;
	}

	/** Whether a provider is the one in use: one that was replaced must not end the process of the next. */
	isCurrent(provider: EmbeddingProvider): boolean {
		return provider === this.#provider;
	}

	/** The model that settings mean, if it is here and was taken. Throws when it is not what it should be. */
	find({ model, digest }: EmbeddingSettings): TakenModel | undefined {
		return this.#store.taken(this.#store.place(model), digest);
	}

	/** Whether the process of a model runs, and how long its vectors are once that is known. */
	runningState({ identity }: TakenModel): { isRunning: boolean; dimensions: number | undefined } {
		const running = this.#process?.identity === identity ? this.#process.running : undefined;
		return { isRunning: running?.isRunning ?? false, dimensions: running?.dimensions };
	}

	/** The process of a model, in place of that of another one; it runs only while it is needed. */
	processOf(model: TakenModel): ModelProcess {
		const { identity, folder, digests, recipe } = model;
		if (this.#process?.identity === identity) return this.#process.running;
		this.#process?.running.stop();
		const { world, workerCommand, idleMs } = this.options;
		const load = { folder, digests, pooling: recipe.pooling, maxTokens: recipe.maxTokens };
		const running = new ModelProcess({ world, command: workerCommand, load, idleMs });
		this.#process = { identity, running };
		return running;
	}

	/** Have the model that settings mean: take what lies there, or download it. `onReady` is told when it is there. */
	prepare(settings: EmbeddingSettings, onReady: () => void): void {
		if (this.#stopping.signal.aborted) return;
		const place = this.#store.place(settings.model);
		const preparation = this.#preparationOf(place);
		preparation.onReady = onReady;
		const isHere = this.#store.has(place);
		const isPaused = !isHere && this.options.world.clock.monotonicMs() < preparation.pausedUntilMs;
		if (preparation.isUnderWay || isPaused) return;
		const isByHand = isHere || !place.known;
		if (!isByHand || this.#isHere(place, preparation)) {
			void this.#prepare(place, settings.digest, preparation, isByHand);
		}
	}

	/** Whether there is anything to take; what is missing is known at once. */
	#isHere(place: ModelPlace, preparation: Preparation): boolean {
		try {
			this.#store.demand(place);
			return true;
		} catch (error) {
			preparation.state = messageOf(error);
			return false;
		}
	}

	/** Why the model that settings mean is not here. */
	stateOf({ model }: EmbeddingSettings): string {
		return this.#preparationOf(this.#store.place(model)).state;
	}

	stop(): void {
		this.#stopping.abort(new Error("the daemon was stopped"));
		this.#process?.running.stop();
	}

	#preparationOf(place: ModelPlace): Preparation {
		const known = this.#preparations.get(place.folder);
		if (known) return known;
		const state = place.known
			? `${place.name} is not here yet: it is downloaded with the first text, or by \`signet model pull ${place.name}\``
			: `${place.name} was not taken into use yet`;
		const made = { state, isUnderWay: false, failures: 0, pausedUntilMs: 0, onReady: () => undefined };
		this.#preparations.set(place.folder, made);
		return made;
	}

	async #prepare(
		place: ModelPlace,
		digest: string | undefined,
		preparation: Preparation,
		isByHand: boolean,
	): Promise<void> {
		preparation.isUnderWay = true;
		try {
			if (isByHand) await this.#take(place, digest, preparation);
			else await this.#download(place, digest, preparation);
			this.#preparations.delete(place.folder);
			preparation.onReady();
		} catch (error) {
			preparation.state = messageOf(error);
			preparation.failures++;
			const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (preparation.failures - 1));
			preparation.pausedUntilMs = isByHand ? 0 : this.options.world.clock.monotonicMs() + pauseMs;
		} finally {
			preparation.isUnderWay = false;
		}
	}

	async #take(place: ModelPlace, digest: string | undefined, preparation: Preparation): Promise<void> {
		// What went wrong before is more worth knowing than that it is tried again.
		if (preparation.failures === 0) preparation.state = `${place.name} is being read`;
		await this.#store.take(place, digest);
		this.options.onNews(`the model ${place.name} was taken as it is`, { folder: place.folder });
	}

	async #download(place: ModelPlace, digest: string | undefined, preparation: Preparation): Promise<void> {
		const { world, hub = MODEL_HUB, onNews } = this.options;
		// The daemon is to be small, and this is needed once.
		const { pullModel } = await import("./pull.ts");
		let told = 0;
		const show = (bytes: number, total: number) => {
			const megabytes = Math.round(bytes / MEGABYTE);
			const percent = Math.floor((100 * bytes) / total);
			preparation.state = `${place.name} is being downloaded (${megabytes} of ${Math.round(total / MEGABYTE)} MB)`;
			if (percent < told + TOLD_PERCENT) return;
			told = percent;
			onNews(`downloading the model ${place.name}`, { percent, megabytes });
		};
		preparation.state = `${place.name} is being downloaded`;
		onNews(`downloading the model ${place.name}`, { from: hub, to: place.folder });
		const { signal } = this.#stopping;
		await pullModel({ store: this.#store, place, world, hub, digest, signal, onProgress: show });
		onNews(`the model ${place.name} is here`, { folder: place.folder });
	}
}
