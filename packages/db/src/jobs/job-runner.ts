import { messageOf, type Timer, type World, within } from "@signet/core";
import type { Database } from "../database.ts";
import type { JobRow, JobType } from "../stores/jobs.ts";
import { completeJob, failJob, leaseJob, nextDue, releaseLeases, renewLease, type Worker } from "./lease.ts";

/** How long a job may be silent before somebody else takes it. */
const LEASE_MS = 60_000;
const RENEWAL_MS = LEASE_MS / 3;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 120_000;
const STOP_WAIT_MS = 2_000;
/** The longest that a timer is set for: clocks jump. */
const LONGEST_SLEEP_MS = 600_000;

/** What became of a job whose handler did not throw. */
export type JobOutcome =
	| { readonly status: "done"; readonly result?: unknown }
	/** Nothing is wrong with it, what it needs is away: it is tried again for as long as it takes. */
	| { readonly status: "waiting"; readonly reason: string }
	/** It can never be done. */
	| { readonly status: "refused"; readonly reason: string };

export interface JobHandler {
	readonly type: JobType;
	/**
	 * Do a job; it may be done twice after a crash. `signal` says that the daemon ends or that somebody else has the job
	 * by now. A handler that throws is called again later, as often as the job may be attempted.
	 */
	run(job: JobRow, signal: AbortSignal): Promise<JobOutcome>;
}

export interface JobRunnerOptions {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "timers" | "random">;
	/** Told why a job was not done. */
	readonly onProblem: (job: JobRow, problem: string) => void;
}

/**
 * Works through the job queue, one job of a type at a time, each under a lease that is renewed while it runs. Asks the
 * database when it is told of new work, and when what waits is due; otherwise it sleeps.
 */
export class JobRunner {
	readonly #owner: string;
	readonly #handlers = new Map<JobType, JobHandler>();
	readonly #timers = new Map<JobType, Timer>();
	readonly #working = new Map<JobType, Promise<void>>();
	readonly #nudged = new Set<JobType>();
	readonly #stopping = new AbortController();
	#isStarted = false;

	constructor(private readonly options: JobRunnerOptions) {
		this.#owner = options.world.random.uuid();
	}

	handle(handler: JobHandler): void {
		this.#handlers.set(handler.type, handler);
	}

	/** Take back what was under way when the last process ended, and begin. The caller owns the workspace. */
	async start(): Promise<void> {
		const { database, world } = this.options;
		for (const type of this.#handlers.keys()) {
			const due = await database.read((reader) => nextDue(reader, type, world.clock.now()));
			if (due !== undefined) await database.write((writer) => releaseLeases(writer, type, world.clock.now()));
		}
		this.#isStarted = true;
		this.nudgeAll();
	}

	/** Say that there may be work of that type. */
	nudge(type: JobType): void {
		if (!this.#isStarted || this.#stopping.signal.aborted) return;
		this.#nudged.add(type);
		if (this.#working.has(type)) return;
		this.#timers.get(type)?.cancel();
		this.#working.set(
			type,
			this.#work(type).finally(() => {
				this.#working.delete(type);
				if (this.#nudged.has(type)) this.nudge(type);
			}),
		);
	}

	/** Say that there may be work of any type. */
	nudgeAll(): void {
		for (const type of this.#handlers.keys()) this.nudge(type);
	}

	/** Take no more jobs, and wait a moment for those under way, which are told. What takes longer is begun anew by the next start. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		for (const timer of this.#timers.values()) timer.cancel();
		await within(this.options.world.timers, STOP_WAIT_MS, Promise.all(this.#working.values()));
	}

	async #work(type: JobType): Promise<void> {
		const handler = this.#handlers.get(type);
		if (!handler) return;
		try {
			while (!this.#stopping.signal.aborted) {
				this.#nudged.delete(type);
				const nowMs = this.options.world.clock.now();
				const due = await this.options.database.read((reader) => nextDue(reader, type, nowMs));
				if (due === undefined) return;
				const delayMs = due - nowMs;
				if (delayMs > 0) return this.#sleep(type, delayMs);
				await this.#next(handler);
			}
		} catch {
			// The storage fails, and says so to whoever writes next.
			this.#sleep(type, FIRST_RETRY_MS);
		}
	}

	#sleep(type: JobType, delayMs: number): void {
		if (this.#stopping.signal.aborted) return;
		const timer = this.options.world.timers.after(Math.min(delayMs, LONGEST_SLEEP_MS), () => this.nudge(type));
		this.#timers.set(type, timer);
	}

	async #next(handler: JobHandler): Promise<void> {
		const { database } = this.options;
		const job = await database.write((writer) => leaseJob(writer, handler.type, this.#worker(), LEASE_MS));
		if (!job) return;
		const lost = new AbortController();
		const renewal = this.#keepRenewed(job, lost);
		const outcome = await handler.run(job, AbortSignal.any([this.#stopping.signal, lost.signal])).then(
			(result) => result,
			(error: unknown) => ({ status: "failed" as const, reason: messageOf(error) }),
		);
		renewal.cancel();
		await database.write((writer) => {
			const worker = this.#worker();
			if (outcome.status === "done") return completeJob(writer, job.id, worker, outcome.result);
			const isOver = outcome.status === "refused" || (outcome.status === "failed" && job.attempts >= job.max_attempts);
			const dueMs = isOver ? "never" : worker.nowMs + retryDelayMs(job.attempts);
			return failJob(writer, job.id, worker, { error: outcome.reason, dueMs });
		});
		if (outcome.status !== "done" && !this.#stopping.signal.aborted) this.options.onProblem(job, outcome.reason);
	}

	#keepRenewed(job: JobRow, lost: AbortController): Timer {
		const { database, world } = this.options;
		let isOver = false;
		let timer: Timer;
		const renew = async () => {
			const isKept = await database
				.write((writer) => renewLease(writer, job.id, this.#worker(), LEASE_MS))
				.catch(() => true);
			if (isOver) return;
			if (isKept) timer = world.timers.after(RENEWAL_MS, () => void renew());
			else lost.abort();
		};
		timer = world.timers.after(RENEWAL_MS, () => void renew());
		return {
			cancel() {
				isOver = true;
				timer.cancel();
			},
		};
	}

	#worker(): Worker {
		return { owner: this.#owner, nowMs: this.options.world.clock.now() };
	}
}

/** Twice as long after each attempt. */
function retryDelayMs(attempts: number): number {
	return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1));
}
