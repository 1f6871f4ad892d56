import { isoTime, type Timer, type World } from "@signet/core";
import { countAccesses, type Database } from "@signet/db";

/** Accesses are gathered for this long and written together, after the answers that caused them. */
const FLUSH_MS = 200;

/** Counts which memories are recalled, without making anybody wait for it. */
export class AccessCounter {
	#accesses = new Map<string, { id: string; times: number; lastAt: string }>();
	#timer: Timer | undefined;

	constructor(
		private readonly database: Database,
		private readonly world: Pick<World, "clock" | "timers">,
		/** Told when a batch could not be written; it is lost, nothing else is. */
		private readonly onFailure: (error: unknown) => void,
	) {}

	/** Count one access of each memory, now. */
	count(ids: readonly string[]): void {
		const lastAt = isoTime(this.world.clock.now());
		for (const id of ids) {
			const times = (this.#accesses.get(id)?.times ?? 0) + 1;
			this.#accesses.set(id, { id, times, lastAt });
		}
		if (ids.length > 0) this.#timer ??= this.world.timers.after(FLUSH_MS, () => void this.flush());
	}

	/** Write what is gathered. */
	async flush(): Promise<void> {
		this.#timer?.cancel();
		this.#timer = undefined;
		const accesses = this.#accesses;
		if (accesses.size === 0) return;
		this.#accesses = new Map();
		await this.database.write((writer) => countAccesses(writer, accesses.values())).catch(this.onFailure);
	}
}
