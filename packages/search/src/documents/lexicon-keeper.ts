import type { Timer, Timers } from "@signet/core";
import { countLexiconPieces, type Database, mergeFullText } from "@signet/db";

/** The lexicon is merged when it has grown by this many documents and by this share. */
const MIN_GROWTH = 500;
const GROWTH_SHARE = 0.1;
/** From so many pieces on it is merged when it is opened: what had grown before is not known any more. */
const MANY_PIECES = 7;
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

	/** Look whether it was left in many pieces. Never throws: what cannot be looked at is not merged. */
	async open(): Promise<void> {
		const pieces = await this.database.read(countLexiconPieces).catch(() => 0);
		if (pieces >= MANY_PIECES) this.#mergeSoon();
	}

	/** Take in that documents were added to as many as there are now. */
	grown(added: number, documentCount: number): void {
		this.#added += added;
		// What is to be merged waits for the last of what is being added.
		if (this.#timer || this.#added >= Math.max(MIN_GROWTH, GROWTH_SHARE * documentCount)) this.#mergeSoon();
	}

	/** Merge, giving way to other work. Never throws: what could not be merged is searched as it is. */
	async merge(): Promise<void> {
		this.#timer = undefined;
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

	#mergeSoon(): void {
		if (this.#isStopped) return;
		this.#timer?.cancel();
		this.#timer = this.timers.after(QUIET_MS, () => void this.merge());
	}
}
