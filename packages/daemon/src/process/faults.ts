import type { Clock } from "@signet/core";
import type { Logger } from "../logs/logger.ts";

/** More rejections than this within that time are no accident. */
const MAX_REJECTIONS = 20;
const WINDOW_MS = 60_000;

/** What SQLite says when the file itself, or the disk under it, is not what it should be. */
const UNSAFE = /^SQLITE_(?:CORRUPT|NOTADB|IOERR)/;

/**
 * Errors that nobody caught. A promise that was rejected while nobody waited for it leaves everything else as it was, and
 * one failed request must not take the memory of all agents away; an exception in the midst of something may leave
 * anything half done.
 */
export class Faults {
	#recentMs: number[] = [];

	constructor(
		private readonly clock: Clock,
		private readonly logger: Pick<Logger, "error">,
	) {}

	/** Log a rejection; whether it is safe to go on. */
	rejected(reason: unknown): boolean {
		const now = this.clock.monotonicMs();
		this.#recentMs = [...this.#recentMs.filter((at) => now - at < WINDOW_MS), now].slice(-MAX_REJECTIONS - 1);
		const isSafe = this.#recentMs.length <= MAX_REJECTIONS && !UNSAFE.test(codeOf(reason));
		this.logger.error("daemon", "something failed that nobody waited for", reason, { goesOn: isSafe });
		return isSafe;
	}

	/** Log an exception; it is never safe to go on. */
	thrown(error: unknown): void {
		this.logger.error("daemon", "something failed that nobody expected; the daemon ends", error);
	}
}

function codeOf(thrown: unknown): string {
	return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
