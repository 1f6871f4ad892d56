import type { World } from "@signet/core";
import type { EncodedDocument, VectorModel } from "@signet/db";
import type { EmbeddedQuestion } from "../vector/vector-leg.ts";
import type { RecallAnswer } from "./answer.ts";
import { answerEnquiry, type Enquiry } from "./answer-enquiry.ts";
import type { AskedOfCorpus } from "./answering-thread.ts";
import type { Corpus, CorpusChange } from "./corpus.ts";
import type { SecondThread } from "./second-thread.ts";
import { Stopwatch } from "./stopwatch.ts";

/** A second thread has the codes for itself; what takes more than this is not held twice. */
const MAX_CODES_BYTES = 64 * 1024 * 1024;

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

/** Answers questions: one that is alone at once, others one after the other, by a second thread too while many come. */
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
		const { clock, timers } = this.options.world;
		const stopwatch = new Stopwatch(clock);
		this.#inProgress++;
		try {
			// Questions that came together are all on their way to the model before the first of them keeps this thread busy.
			await timers.yield();
			// Who is alone need not wait for the vector before the words are looked for.
			if (this.#inProgress === 1) {
				return await answerEnquiry(this.corpus, { ...enquiry, timingsMs: {} }, embedding, clock);
			}
			const embedded = await embedding;
			stopwatch.lap("embedding");
			return await this.#inTurn({ enquiry: { ...enquiry, timingsMs: stopwatch.timingsMs }, embedded });
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

	#inTurn(asked: AskedOfCorpus): Promise<RecallAnswer> {
		const waiting = { ...asked, answer: Promise.withResolvers<RecallAnswer>() };
		if (this.corpus.index.memoryBytes <= MAX_CODES_BYTES) this.options.second?.queued(asked, this.#waiting.length);
		this.#waiting.push(waiting);
		this.#next();
		return waiting.answer.promise;
	}

	#next(): void {
		const { second } = this.options;
		while (second?.isFree) {
			const next = this.#waiting.shift();
			if (!next) return;
			void this.#answerThere(second, next);
		}
		if (this.#waiting.length > 0 && !this.#isAnswering) void this.#answerNextHere();
	}

	/** After whatever else has come meanwhile, so that answering keeps nothing from coming in. */
	async #answerNextHere(): Promise<void> {
		this.#isAnswering = true;
		await this.options.world.timers.yield();
		const next = this.#waiting.shift();
		if (next) await this.#answerHere(next);
		this.#isAnswering = false;
		this.#next();
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
