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

	constructor(private readonly options: ProjectionsOptions) {}

	async whole(dimensions: 2 | 3): Promise<WholeProjection> {
		const { database, world } = this.options;
		const model = await this.#model();
		const stamp = model ? await database.read((reader) => projectionStamp(reader, model.id)) : "";
		const kept = await database.read((reader) => readProjection(reader, dimensions));
		if (kept?.stamp === stamp) return { status: "ready", ...kept };
		const failure = this.#failures.get(dimensions);
		if (failure && world.clock.now() - failure.atMs < FAILURE_MS) return { status: "failed", problem: failure.problem };
		if (!this.#underWay.has(dimensions)) {
			const made = this.#make(model, dimensions, stamp).finally(() => this.#underWay.delete(dimensions));
			this.#underWay.set(dimensions, made);
		}
		return { status: "computing" };
	}

	/** Some of the memories, drawn for themselves. Rejects when that fails. */
	async part({ signal, ...part }: ProjectionPart): Promise<ProjectionAnswer> {
		const model = await this.#model();
		return this.#layOut(model, part, signal);
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
		} catch (error) {
			this.#failures.set(dimensions, { problem: messageOf(error), atMs: world.clock.now() });
		}
	}

	#layOut(
		model: VectorModel | undefined,
		part: Pick<ProjectionRequest, "dimensions" | "filter" | "page">,
		signal?: AbortSignal,
	): Promise<ProjectionAnswer> {
		if (!model) return Promise.resolve(NOTHING);
		const request: ProjectionRequest = { file: this.options.file, model, ...part };
		return inThread<ProjectionRequest, ProjectionAnswer>(projectionThreadFile(), request, signal);
	}

	async #model(): Promise<VectorModel | undefined> {
		const name = this.options.model();
		return name === undefined ? undefined : this.options.database.read((reader) => findModel(reader, name));
	}
}

const NOTHING: ProjectionAnswer = {
	docs: new Float64Array(),
	points: new Float32Array(),
	edges: new Uint32Array(),
	total: 0,
};
