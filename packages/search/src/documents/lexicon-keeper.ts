import type { Timer, Timers } from "@signet/core";
import { type Database, mergeFullText } from "@signet/db";

/** The lexicon is merged when it has grown by this many documents and by this share. */
const MIN_GROWTH = 500;
const GROWTH_SHARE = 0.1;
/** Nothing was remembered for this long. */
const QUIET_MS = 2_000;
/** Pages merged in one commit: about two milliseconds. */
const PAGES = 25;

/**
 * Keeps the lexicon in one piece. Each commit adds a small index of its own and a search asks all of them, so what
 * has piled up is merged when nobody is waiting.
 */
export class LexiconKeeper {
	#added = 0;
	#timer: Timer | undefined;
	#isStopped = false;

	constructor(
		private readonly database: Database,
		private readonly timers: Timers,
	) {}

	/** Take in that documents were added to as many as there are now. */
	grown(added: number, documentCount: number): void {
		this.#added += added;
		if (this.#isStopped || this.#added < Math.max(MIN_GROWTH, GROWTH_SHARE * documentCount)) return;
		this.#timer?.cancel();
		this.#timer = this.timers.after(QUIET_MS, () => void this.merge());
	}

	/** Merge, giving way to other work. Never throws: what could not be merged is searched as it is. */
	async merge(): Promise<void> {
		this.#added = 0;
		try {
			for (let isFirst = true; !this.#isStopped; isFirst = false) {
				if (!(await this.database.write((writer) => mergeFullText(writer, "sgn_lexicon", { pages: PAGES, isFirst }))))
					return;
			}
		} catch {
			// The storage says so itself, to whoever writes next.
		}
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}
}
