import type { World } from "@signet/core";
import type { EncodedDocument, VectorModel } from "@signet/db";
import type { EmbeddedQuestion } from "../vector/vector-leg.ts";
import type { RecallAnswer } from "./answer.ts";
import { answerEnquiry, type Enquiry } from "./answer-enquiry.ts";
import type { AskedOfCorpus } from "./answering-thread.ts";
import type { Corpus, CorpusChange } from "./corpus.ts";
import type { SecondThread } from "./second-thread.ts";

/** A second thread has the codes for itself; what takes more than this is not held twice. */
const MAX_CODES_BYTES = 64 * 1024 * 1024;

/** Questions at a time from which on a second thread may help. */
const CROWD = 3;
/** So long one turn of the loop answers questions. */
const TURN_MS = 4;

export interface AnsweringOptions {
	readonly corpus: Corpus;
	readonly world: Pick<World, "clock" | "timers">;
	/** Left out, this thread answers everything. */
	readonly second?: SecondThread;
}

/** A question that waits for its turn. */
interface Waiting extends AskedOfCorpus {
	readonly answer: PromiseWithResolvers<RecallAnswer>;
}

/**
 * Answers questions at once, or, while many come that take long, in their turn: then a second thread takes every other one of
 * them.
 */
export class Answering {
	readonly corpus: Corpus;
	#inProgress = 0;
	readonly #waiting: Waiting[] = [];
	#isAnswering = false;

	constructor(private readonly options: AnsweringOptions) {
		this.corpus = options.corpus;
	}

	/** How many threads answer at the moment. */
	get threads(): 1 | 2 {
		return this.options.second?.isThere ? 2 : 1;
	}

	/** Answer a question; `embedding` is it as a vector, which may still be being made. Rejects when the storage fails. */
	async answer(
		enquiry: Omit<Enquiry, "timingsMs">,
		embedding: EmbeddedQuestion | Promise<EmbeddedQuestion>,
	): Promise<RecallAnswer> {
		const { second, world } = this.options;
		const embedded = new Arrival(embedding, world.clock);
		this.#inProgress++;
		try {
			// Questions that came together are all on their way to the model before the first of them keeps this thread busy.
			await world.timers.yield();
			if (second?.hasBegun && this.#inProgress > 1) return await this.#inTurn(enquiry, embedded);
			// Its words are looked for while its vector is being made.
			const answer = await answerEnquiry(this.corpus, { ...enquiry, timingsMs: {} }, embedding, world.clock);
			const isCrowd = this.#inProgress >= CROWD && this.corpus.index.memoryBytes <= MAX_CODES_BYTES;
			if (isCrowd) second?.answeredElsewhere(world.clock.monotonicMs() - embedded.atMs);
			return answer;
		} finally {
			this.#inProgress--;
		}
	}

	/** Take in a commit. To be called in the order of the commits. */
	changed(change: CorpusChange): void {
		this.corpus.changed(change);
		this.options.second?.tell({ change });
	}

	/** Take in vectors that were committed. */
	encoded(model: VectorModel, documents: readonly EncodedDocument[]): void {
		this.corpus.encoded(model, documents);
		this.options.second?.tell({ model, documents });
	}

	/** Go on without the second thread; what it was asked is answered here. */
	async endSecondThread(): Promise<void> {
		await this.options.second?.end();
	}

	async #inTurn(enquiry: Omit<Enquiry, "timingsMs">, embedded: Arrival<EmbeddedQuestion>): Promise<RecallAnswer> {
		const asked = {
			embedded: await embedded.value,
			enquiry: { ...enquiry, timingsMs: { embedding: embedded.tookMs } },
		};
		this.options.second?.practise(asked);
		const answer = Promise.withResolvers<RecallAnswer>();
		this.#waiting.push({ ...asked, answer });
		this.#next();
		return answer.promise;
	}

	#next(): void {
		this.#handOver();
		if (this.#waiting.length > 0 && !this.#isAnswering) void this.#answerWaiting();
	}

	#handOver(): void {
		const { second } = this.options;
		while (second?.isFree) {
			const next = this.#waiting.shift();
			if (!next) return;
			void this.#answerThere(second, next);
		}
	}

	/** Some in each turn of the loop: what comes meanwhile is taken in between. */
	async #answerWaiting(): Promise<void> {
		const { clock, timers } = this.options.world;
		this.#isAnswering = true;
		while (this.#waiting.length > 0) {
			await timers.yield();
			const endMs = clock.monotonicMs() + TURN_MS;
			do {
				this.#handOver();
				const next = this.#waiting.shift();
				if (!next) break;
				await this.#answerHere(next);
			} while (clock.monotonicMs() < endMs);
		}
		this.#isAnswering = false;
	}

	async #answerHere({ enquiry, embedded, answer }: Waiting): Promise<void> {
		await answerEnquiry(this.corpus, enquiry, embedded, this.options.world.clock).then(answer.resolve, answer.reject);
	}

	async #answerThere(second: SecondThread, waiting: Waiting): Promise<void> {
		const { enquiry, embedded, answer } = waiting;
		await second.answer({ enquiry, embedded }).then(answer.resolve, () => this.#answerHere(waiting));
		this.#next();
	}
}

/** When something is there that may still be being made. */
class Arrival<Value> {
	readonly #sinceMs: number;
	#atMs: number;

	constructor(
		readonly value: Value | Promise<Value>,
		clock: Pick<World["clock"], "monotonicMs">,
	) {
		this.#sinceMs = clock.monotonicMs();
		this.#atMs = this.#sinceMs;
		if (!(value instanceof Promise)) return;
		const note = () => {
			this.#atMs = clock.monotonicMs();
		};
		value.then(note, note);
	}

	/** On the monotonic clock. */
	get atMs(): number {
		return this.#atMs;
	}

	/** With three decimals. */
	get tookMs(): number {
		return Math.round(1_000 * (this.#atMs - this.#sinceMs)) / 1_000;
	}
}
