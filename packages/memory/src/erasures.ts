import { isoTime, messageOf, type World } from "@signet/core";
import {
	type Database,
	finishErasures,
	type JobHandler,
	type JobOutcome,
	type JobRunner,
	type NewJob,
	type Scrubbed,
	unfinishedErasures,
} from "@signet/db";

export interface ErasuresOptions {
	readonly database: Database;
	readonly world: Pick<World, "clock">;
	readonly jobs: JobRunner;
}

/** What could not be removed is not tried again before that, however many jobs are due. */
const RETRY_MS = 30_000;
/** Tried for as long as it takes. */
const NEVER_GIVES_UP = 2 ** 31 - 1;

/** Says, in the commit that erases a memory, that its traces are still to be removed. */
export function erasureJob(memoryId: string, { clock, random }: Pick<World, "clock" | "random">): NewJob {
	const createdAt = isoTime(clock.now());
	return { id: random.uuid(), memoryId, type: "erase", maxAttempts: NEVER_GIVES_UP, createdAt };
}

/**
 * Removes what is left of erased memories in indices, log and copies: at once when one is erased, and again, also after a
 * restart, until nothing is left.
 */
export class Erasures implements JobHandler {
	readonly type = "erase";
	#underWay: Promise<unknown> = Promise.resolve();
	#next: Promise<Scrubbed> | undefined;
	/** The last pass, if it left something. */
	#left: { readonly problems: readonly string[]; readonly atMs: number } | undefined;

	constructor(private readonly options: ErasuresOptions) {}

	/** Go on with what the last process did not finish. */
	async start(): Promise<void> {
		const unfinished = await this.options.database.read(unfinishedErasures);
		if (unfinished.length > 0) await this.removeTraces();
	}

	/** Remove the traces of all that was erased until now. What cannot be removed is tried again later. */
	removeTraces(): Promise<Scrubbed> {
		this.#next ??= this.#begin(this.#underWay);
		return this.#next;
	}

	/** The first of several that wait does the work of all. */
	async run({ memory_id }: { readonly memory_id: string | null }): Promise<JobOutcome> {
		const unfinished = await this.options.database.read(unfinishedErasures);
		if (memory_id !== null && !unfinished.includes(memory_id)) return { status: "done" };
		const { problems } = this.#justTried() ?? (await this.removeTraces());
		return problems.length === 0 ? { status: "done" } : { status: "waiting", reason: problems.join("; ") };
	}

	#justTried(): Pick<Scrubbed, "problems"> | undefined {
		const { clock } = this.options.world;
		return this.#left && clock.now() - this.#left.atMs < RETRY_MS ? this.#left : undefined;
	}

	/** One pass after the other; whoever comes while one is under way is served by the next. */
	async #begin(before: Promise<unknown>): Promise<Scrubbed> {
		await before;
		const pass = this.#pass();
		this.#underWay = pass.catch(() => undefined);
		this.#next = undefined;
		return pass;
	}

	async #pass(): Promise<Scrubbed> {
		const { database, jobs, world } = this.options;
		const ids = await database.read(unfinishedErasures);
		const scrubbed = await this.#scrub(ids).catch(
			(error: unknown): Scrubbed => ({ copies: [], problems: [messageOf(error)] }),
		);
		const { problems } = scrubbed;
		this.#left = problems.length > 0 ? { problems, atMs: world.clock.now() } : undefined;
		if (problems.length > 0) jobs.nudge(this.type);
		return scrubbed;
	}

	async #scrub(ids: readonly string[]): Promise<Scrubbed> {
		const { database, world } = this.options;
		const scrubbed = await database.scrub();
		if (scrubbed.problems.length === 0) {
			await database.write((writer) => finishErasures(writer, ids, isoTime(world.clock.now())));
		}
		return scrubbed;
	}
}
