import type { World } from "@signet/core";

const EVERY_MS = 60_000;

/** Tells of what may happen many times a second: once a minute at most, with how often it was since. */
export class Seldom {
	#untold = 0;
	#toldAtMs = Number.NEGATIVE_INFINITY;

	constructor(
		private readonly clock: Pick<World["clock"], "monotonicMs">,
		private readonly tell: (reason: string, count: number) => void,
	) {}

	/** It has happened once more. */
	note(reason: string): void {
		this.#untold++;
		const now = this.clock.monotonicMs();
		if (now - this.#toldAtMs < EVERY_MS) return;
		this.#toldAtMs = now;
		this.tell(reason, this.#untold);
		this.#untold = 0;
	}
}
