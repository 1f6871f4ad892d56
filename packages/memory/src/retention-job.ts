import { EVERYTHING, isoTime, parseTime, type Timer } from "@signet/core";
import { enqueueAgain, findJob, type JobHandler, type JobOutcome, type JobRunner, NO_MEMORY } from "@signet/db";
import type { MemoryContext } from "./context.ts";
import { type SweepContext, type Swept, sweep } from "./retention-sweep.ts";

const INTERVAL_MS = 6 * 3_600_000;
/** After a start, what is overdue can wait a little longer. */
const FIRST_DELAY_MS = 60_000;
const JOB = "retention";

export interface RetentionOptions extends SweepContext, Pick<MemoryContext, "settings" | "world" | "database"> {
	readonly jobs: JobRunner;
	/** Told of a sweep that removed something. */
	readonly onSwept: (swept: Swept) => void;
}

/** Has the sweep done every six hours, counted across restarts: when it was done last stands in its job. */
export class Retention implements JobHandler {
	readonly type = "retention";
	#timer: Timer | undefined;

	constructor(private readonly options: RetentionOptions) {}

	/** Begin to count. */
	async start(): Promise<void> {
		const { database, world } = this.options;
		const last = await database.read((reader) => findJob(reader, JOB, EVERYTHING));
		const doneMs = last?.completed_at ? (parseTime(last.completed_at) ?? 0) : 0;
		this.#schedule(Math.max(FIRST_DELAY_MS, doneMs + INTERVAL_MS - world.clock.now()));
	}

	stop(): void {
		this.#timer?.cancel();
	}

	async run(_job: unknown, signal: AbortSignal): Promise<JobOutcome> {
		if (this.options.settings().pipeline.mutationsFrozen) return { status: "done", result: { skipped: "frozen" } };
		const swept = await sweep(this.options, signal);
		if (signal.aborted) return { status: "waiting", reason: "the daemon was stopped" };
		if (Object.values(swept).some((count) => count > 0)) this.options.onSwept(swept);
		return { status: "done", result: swept };
	}

	#schedule(delayMs: number): void {
		this.#timer = this.options.world.timers.after(Math.min(delayMs, INTERVAL_MS), () => void this.#queue());
	}

	async #queue(): Promise<void> {
		const { database, jobs, world } = this.options;
		const job = { id: JOB, memoryId: NO_MEMORY, type: this.type, createdAt: isoTime(world.clock.now()) } as const;
		// What the storage cannot do now it may do the next time; it says so itself to whoever writes.
		await database.write((writer) => enqueueAgain(writer, job)).catch(() => undefined);
		jobs.nudge(this.type);
		this.#schedule(INTERVAL_MS);
	}
}
