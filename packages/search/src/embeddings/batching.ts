import type { Timers } from "@signet/core";
import { type EmbeddedTexts, EmbeddingFailure } from "./provider.ts";

/** Requests under way at once: while one is computed the next is on its way. */
const MAX_IN_FLIGHT = 2;

interface Waiting {
	readonly text: string;
	readonly resolve: (vector: Float32Array) => void;
	readonly reject: (error: unknown) => void;
}

/** Texts that are asked for at about the same time are embedded in one request. */
export class BatchingEmbedder {
	#waiting: Waiting[] = [];
	#inFlight = 0;
	#isGathering = false;

	constructor(
		/** As a provider's `embed`. */
		private readonly embedAll: (texts: readonly string[]) => Promise<EmbeddedTexts>,
		private readonly maxBatch: number,
		private readonly timers: Pick<Timers, "yield">,
	) {}

	embed(text: string): Promise<Float32Array> {
		const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
		this.#waiting.push({ text, resolve, reject });
		if (!this.#isGathering) void this.#gather();
		return promise;
	}

	/** Whatever is asked for in this turn of the loop is sent together. */
	async #gather(): Promise<void> {
		this.#isGathering = true;
		await this.timers.yield();
		this.#isGathering = false;
		while (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.length > 0) void this.#send();
	}

	async #send(): Promise<void> {
		const batch = this.#waiting.splice(0, this.maxBatch);
		this.#inFlight++;
		try {
			const vectors = await this.embedAll(batch.map(({ text }) => text));
			for (const [at, { resolve, reject }] of batch.entries()) {
				const vector = vectors[at];
				if (vector) resolve(vector);
				else reject(new EmbeddingFailure("the model has no vector for this text", true));
			}
		} catch (error) {
			for (const { reject } of batch) reject(error);
		} finally {
			this.#inFlight--;
			if (this.#waiting.length > 0) void this.#gather();
		}
	}
}
