import type { Clock } from "@signet/core";

/** How long each stage of an answer took. */
export class Stopwatch {
	readonly #timings: Record<string, number> = {};
	#lastMs: number;

	constructor(private readonly clock: Pick<Clock, "monotonicMs">) {
		this.#lastMs = clock.monotonicMs();
	}

	/** The stage ends now. */
	lap(stage: string): void {
		const nowMs = this.clock.monotonicMs();
		this.#timings[stage] = Math.round((nowMs - this.#lastMs) * 1000) / 1000;
		this.#lastMs = nowMs;
	}

	/** Milliseconds by stage, with three decimals. */
	get timingsMs(): Readonly<Record<string, number>> {
		return this.#timings;
	}
}
