import type { Timer, Timers } from "@signet/core";
import type { Database } from "@signet/db";

/** Vectors entered in one commit. */
const BATCH = 32;
/** Ids compared in one commit when everything is looked over. */
const COMPARED = 100;
/** Vectors that may wait to be entered; when there are more, everything is looked over instead. */
const MAX_WAITING = 10_000;
const SETTLING_MS = 250;

/**
 * Keeps the portable vector table in step with `embeddings`, a moment behind: entering a vector takes as long as all
 * the rest of remembering, and our own search does not need it. The first time, and after more than it could keep in
 * mind, all of it is looked over.
 */
export class VectorTableKeeper {
	#waiting: string[] = [];
	#dimensions = 0;
	#isLookedOver = false;
	#isStopped = false;
	#timer: Timer | undefined;
	#isWorking = false;

	constructor(
		private readonly database: Database,
		private readonly timers: Timers,
	) {}

	/** Take in that these rows of `embeddings` are new or changed. */
	changed(ids: readonly string[], dimensions: number): void {
		this.#dimensions = dimensions;
		if (this.#waiting.length + ids.length <= MAX_WAITING) this.#waiting.push(...ids);
		else this.#isLookedOver = false;
		if (this.#isStopped || this.#isWorking) return;
		this.#timer ??= this.timers.after(SETTLING_MS, () => void this.catchUp());
	}

	/** Enter what waits, giving way to other work. Never throws: what could not be entered waits for the first vector after the next start, when all is looked over. */
	async catchUp(): Promise<void> {
		this.#timer = undefined;
		this.#isWorking = true;
		try {
			while (this.#waiting.length > 0 && !this.#isStopped) {
				const ids = this.#waiting.splice(0, BATCH);
				await this.database.write((writer) => this.database.vectorTable.put(writer, ids, this.#dimensions));
				if (this.#waiting.length === 0 && !this.#isLookedOver) await this.#lookOver();
			}
		} catch {
			// The storage says so itself, to whoever writes next.
		} finally {
			this.#isWorking = false;
		}
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	async #lookOver(): Promise<void> {
		this.#isLookedOver = true;
		for (let afterId: string | undefined = ""; afterId !== undefined && !this.#isStopped; ) {
			const after: string = afterId;
			afterId = await this.database.write((writer) =>
				this.database.vectorTable.mend(writer, this.#dimensions, { afterId: after, limit: COMPARED }),
			);
		}
	}
}
