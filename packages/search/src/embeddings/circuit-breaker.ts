import { type Clock, messageOf } from "@signet/core";
import { EmbeddingFailure } from "./provider.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Spares a service that fails, and whoever waits for it: after a failure nothing is sent for a while, and what is asked
 * for meanwhile fails at once. The pause doubles with each failure that follows; one success ends it.
 */
export class CircuitBreaker {
	#failures = 0;
	#openUntilMs = 0;
	#reason: string | undefined;

	constructor(private readonly clock: Pick<Clock, "monotonicMs">) {}

	/** Why nothing is sent at the moment, if so. */
	get reason(): string | undefined {
		return this.#reason;
	}

	/** Whether a call would be sent now. */
	get isClosed(): boolean {
		return this.clock.monotonicMs() >= this.#openUntilMs;
	}

	async call<T>(work: () => Promise<T>): Promise<T> {
		if (!this.isClosed) throw new EmbeddingFailure(this.#reason ?? "the provider failed a moment ago");
		try {
			const result = await work();
			this.#close();
			return result;
		} catch (error) {
			if (error instanceof EmbeddingFailure && error.isRefusal) {
				this.#close();
				throw error;
			}
			this.#failures++;
			const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
			this.#openUntilMs = this.clock.monotonicMs() + pauseMs;
			this.#reason = messageOf(error);
			throw error;
		}
	}

	#close(): void {
		this.#failures = 0;
		this.#openUntilMs = 0;
		this.#reason = undefined;
	}
}
