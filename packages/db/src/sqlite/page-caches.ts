import type { Database } from "bun:sqlite";
import type { Clock, Timer, Timers } from "@signet/core";

/** After this long without a question or a change, a day's work is likely to be over or interrupted. */
const IDLE_MS = 20_000;

/** Gives the memory of SQLite's page caches back when nobody has used the database for a while. */
export class PageCaches {
	#usedAtMs = 0;
	#timer: Timer | undefined;
	#isStopped = false;

	constructor(
		private readonly connections: readonly Database[],
		private readonly world: { readonly clock: Clock; readonly timers: Timers },
	) {}

	/** Take in that the database is used. */
	used(): void {
		if (this.#isStopped) return;
		this.#usedAtMs = this.world.clock.monotonicMs();
		this.#timer ??= this.world.timers.after(IDLE_MS, () => this.#check());
	}

	/** To be called before the connections are closed. */
	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	#check(): void {
		const restMs = this.#usedAtMs + IDLE_MS - this.world.clock.monotonicMs();
		this.#timer = restMs > 0 ? this.world.timers.after(restMs, () => this.#check()) : undefined;
		if (restMs <= 0) for (const connection of this.connections) connection.run("PRAGMA shrink_memory");
	}
}
