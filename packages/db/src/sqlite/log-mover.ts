import type { Database } from "bun:sqlite";
import { StandingThread, type Timer, type Timers } from "@signet/core";
import { hasMoved } from "./connection.ts";
import { logThreadFile } from "./log-thread-file.ts";

/** A statement that writes changes some two or three pages of the log, so that this is about as often as SQLite would do it. */
const STATEMENTS = 300;
/** After this long without anything to do the thread ends. */
const IDLE_MS = 5_000;

/**
 * Moves the log into the file as it grows, in a thread: SQLite itself does it within a commit, which then takes some tens of
 * milliseconds in which nothing else is done. Where the thread does not get to it, SQLite still does, a little later.
 */
export class LogMover {
	#statements = 0;
	#thread: StandingThread<string, void> | undefined;
	#working: Promise<void> | undefined;
	#idle: Timer | undefined;

	constructor(
		/** Writes what is to be moved. */
		private readonly writer: Database,
		private readonly file: string,
		private readonly timers: Pick<Timers, "after">,
	) {}

	/** Take in that so many statements that write were committed. */
	committed(statements: number): void {
		this.#statements += statements;
		if (this.#statements >= STATEMENTS && !this.#working) this.#begin();
	}

	/** Wait until none is being moved. Where nothing is committed meanwhile, none is then. */
	async settled(): Promise<void> {
		await this.#working;
	}

	/** Move what was committed until now, as far as nobody reads it. */
	async move(): Promise<void> {
		// What is under way may have begun before the last of it.
		await this.#working;
		if (!this.#working) this.#begin();
		await this.#working;
	}

	/** To be called when nothing is committed any more. */
	async end(): Promise<void> {
		await this.#working;
		await this.#endThread();
	}

	#begin(): void {
		this.#statements = 0;
		if (hasMoved(this.writer)) return;
		this.#idle?.cancel();
		this.#thread ??= new StandingThread(logThreadFile());
		this.#working = this.#thread
			.ask(this.file)
			// What could not be moved now is moved the next time, by another thread: this one may be broken.
			.catch(() => this.#endThread())
			.finally(() => {
				this.#working = undefined;
				this.#idle = this.timers.after(IDLE_MS, () => void this.#endThread());
			});
	}

	#endThread(): Promise<void> | undefined {
		this.#idle?.cancel();
		const thread = this.#thread;
		this.#thread = undefined;
		return thread?.end();
	}
}
