import { isoTime, type Timer, type World } from "@signet/core";
import { type Access, countAccesses, type Database } from "@signet/db";

/** Accesses are written when nothing was recalled for this long, */
const QUIET_MS = 100;
/** and under a steady load at the latest after this. */
const LONGEST_WAIT_MS = 30_000;
/** Memories counted in one commit. */
const BATCH = 200;

/** Counts which memories are recalled, without making anybody wait for it. */
export class AccessCounter {
	#accesses = new Map<string, Access>();
	#firstAtMs: number | undefined;
	#timer: Timer | undefined;
	#writing: Promise<void> = Promise.resolve();

	constructor(
		private readonly database: Database,
		private readonly world: Pick<World, "clock" | "timers">,
		/** Told when a batch could not be written; it is lost, nothing else is. */
		private readonly onFailure: (error: unknown) => void,
	) {}

	/** Count one access of each memory, now. */
	count(ids: readonly string[]): void {
		if (ids.length === 0) return;
		const now = this.world.clock.now();
		const lastAt = isoTime(now);
		for (const id of ids) {
			const times = (this.#accesses.get(id)?.times ?? 0) + 1;
			this.#accesses.set(id, { id, times, lastAt });
		}
		this.#firstAtMs ??= now;
		if (this.#timer && now - this.#firstAtMs > LONGEST_WAIT_MS - QUIET_MS) return;
		this.#timer?.cancel();
		this.#timer = this.world.timers.after(QUIET_MS, () => void this.flush());
	}

	/** Write what is gathered, giving way to other work. Resolves when all that was counted is written. */
	flush(): Promise<void> {
		this.#writing = this.#writing.then(() => this.#write());
		return this.#writing;
	}

	async #write(): Promise<void> {
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#firstAtMs = undefined;
		const accesses = [...this.#accesses.values()];
		this.#accesses = new Map();
		for (let at = 0; at < accesses.length; at += BATCH) {
			const batch = accesses.slice(at, at + BATCH);
			await this.database.write((writer) => countAccesses(writer, batch)).catch(this.onFailure);
		}
	}
}
