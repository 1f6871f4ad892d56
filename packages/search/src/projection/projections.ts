import { EVERYTHING, inThread, isoTime, messageOf, type World } from "@signet/core";
import {
	type Database,
	findModel,
	type KeptProjection,
	type Projection,
	type ProjectionFilter,
	projectionStamp,
	readProjection,
	type VectorModel,
	writeProjection,
} from "@signet/db";
import type { ProjectionAnswer, ProjectionRequest } from "./projection-thread.ts";
import { projectionThreadFile } from "./projection-thread-file.ts";

/** So long a failure is told to everybody who asks, before it is tried again. */
const FAILURE_MS = 30_000;
/** So long a map is what whoever waits for it gets, even if memories came while it was made. */
const AWAITED_MS = 30_000;
/** Maps made at once: each takes a processor and tens of megabytes. */
const MAX_THREADS = 2;

export interface ProjectionsOptions {
	readonly database: Database;
	/** The database's file, which the thread reads. */
	readonly file: string;
	readonly world: Pick<World, "clock">;
	/** Name of the model whose vectors are drawn; undefined when vectors are switched off. */
	readonly model: () => string | undefined;
}

/** All memories, drawn. */
export type WholeProjection =
	| ({ readonly status: "ready"; readonly madeAt: string } & Projection)
	| { readonly status: "computing" }
	| { readonly status: "failed"; readonly problem: string };

export interface ProjectionPart extends Pick<ProjectionRequest, "dimensions" | "filter" | "page"> {
	/** Says that nobody waits for it any more. */
	readonly signal?: AbortSignal;
}

/**
 * Maps of memories by what they say, made in a thread of their own. The map of all is kept, by the places of documents
 * alone, and made anew when another set of them has vectors; until then whoever asks is told that it is being made.
 */
export class Projections {
	readonly #underWay = new Map<number, Promise<void>>();
	readonly #failures = new Map<number, { readonly problem: string; readonly atMs: number }>();
	/** When maps of all were made that nobody has got yet, by their dimensions. */
	readonly #awaited = new Map<number, number>();
	readonly #parts = new Map<string, SharedPart>();
	#threads = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(private readonly options: ProjectionsOptions) {}

	async whole(dimensions: 2 | 3): Promise<WholeProjection> {
		const { database, world } = this.options;
		const model = await this.#model();
		const stamp = model ? await database.read((reader) => projectionStamp(reader, model.id)) : "";
		const kept = await database.read((reader) => readProjection(reader, dimensions));
		const isAwaited = world.clock.now() - (this.#awaited.get(dimensions) ?? Number.NEGATIVE_INFINITY) < AWAITED_MS;
		if (kept && (kept.stamp === stamp || isAwaited)) {
			this.#awaited.delete(dimensions);
			return { status: "ready", ...kept };
		}
		const failure = this.#failures.get(dimensions);
		if (failure && world.clock.now() - failure.atMs < FAILURE_MS) return { status: "failed", problem: failure.problem };
		if (!this.#underWay.has(dimensions)) {
			const made = this.#make(model, dimensions, stamp).finally(() => this.#underWay.delete(dimensions));
			this.#underWay.set(dimensions, made);
		}
		return { status: "computing" };
	}

	/**
	 * Some of the memories, drawn for themselves. Rejects when that fails, and when nobody waits for it any more. Who asks
	 * for the same while it is made gets the same.
	 */
	async part({ signal, ...part }: ProjectionPart): Promise<ProjectionAnswer> {
		const model = await this.#model();
		const key = JSON.stringify([model?.id, part]);
		const shared = this.#parts.get(key) ?? this.#begin(key, model, part);
		shared.waiting++;
		try {
			return await unlessAborted(shared.drawn, signal);
		} finally {
			if (--shared.waiting === 0) {
				this.#end(key, shared);
				shared.abandoned.abort(new Error("nobody waits for the map any more"));
			}
		}
	}

	#begin(key: string, model: VectorModel | undefined, part: Omit<ProjectionPart, "signal">): SharedPart {
		const abandoned = new AbortController();
		const shared: SharedPart = { drawn: this.#layOut(model, part, abandoned.signal), abandoned, waiting: 0 };
		this.#parts.set(key, shared);
		// Whoever waits is told of a failure; when nobody does, nobody needs to be.
		shared.drawn.catch(() => undefined).finally(() => this.#end(key, shared));
		return shared;
	}

	/** Let whoever asks from now on begin anew. */
	#end(key: string, shared: SharedPart): void {
		if (this.#parts.get(key) === shared) this.#parts.delete(key);
	}

	async #make(model: VectorModel | undefined, dimensions: 2 | 3, stamp: string): Promise<void> {
		const { database, world } = this.options;
		try {
			const filter: ProjectionFilter = { scope: EVERYTHING };
			const { docs, points, edges } = await this.#layOut(model, {
				dimensions,
				filter,
				page: { offset: 0, limit: undefined },
			});
			const kept: KeptProjection = { docs, points, edges, stamp, madeAt: isoTime(world.clock.now()) };
			await database.write((writer) => writeProjection(writer, dimensions, kept));
			this.#failures.delete(dimensions);
			this.#awaited.set(dimensions, world.clock.now());
		} catch (error) {
			this.#failures.set(dimensions, { problem: messageOf(error), atMs: world.clock.now() });
		}
	}

	async #layOut(
		model: VectorModel | undefined,
		part: Pick<ProjectionRequest, "dimensions" | "filter" | "page">,
		signal?: AbortSignal,
	): Promise<ProjectionAnswer> {
		if (!model) return NOTHING;
		const request: ProjectionRequest = { file: this.options.file, model, ...part };
		if (this.#threads >= MAX_THREADS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		else this.#threads++;
		try {
			return await inThread<ProjectionRequest, ProjectionAnswer>(projectionThreadFile(), request, signal);
		} finally {
			// Whoever waits takes over.
			const next = this.#waiting.shift();
			if (next) next();
			else this.#threads--;
		}
	}

	async #model(): Promise<VectorModel | undefined> {
		const name = this.options.model();
		return name === undefined ? undefined : this.options.database.read((reader) => findModel(reader, name));
	}
}

/** A part that is being drawn, and how many wait for it. */
interface SharedPart {
	readonly drawn: Promise<ProjectionAnswer>;
	readonly abandoned: AbortController;
	waiting: number;
}

/** What a promise comes to, unless `signal` says first that nobody waits for it. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
	if (!signal) return promise;
	signal.throwIfAborted();
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const abort = () => reject(signal.reason);
	signal.addEventListener("abort", abort, { once: true });
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}

const NOTHING: ProjectionAnswer = {
	docs: new Float64Array(),
	points: new Float32Array(),
	edges: new Uint32Array(),
	total: 0,
};
