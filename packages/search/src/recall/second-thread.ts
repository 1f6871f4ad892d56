import { messageOf, StandingThread, type Timer, type World, within } from "@signet/core";
import type { RecallAnswer } from "./answer.ts";
import type { AskedOfCorpus, ToldOfCorpus } from "./answering-thread.ts";
import { answeringThreadFile } from "./answering-thread-file.ts";

/**
 * Where it takes so long until questions are answered that have come together, so often within so long, more will come, and a
 * second thread is worth its memory. Where it takes less, handing them over costs as much as it saves.
 */
const LONG_MS = 15;
const CROWDED_TIMES = 50;
const CROWDED_WITHIN_MS = 1_000;
/** What a thread does for the first time it does slowly: so many questions it gets for practice. */
const PRACTICE = 30;
/** Questions that it has at a time: one that it is at, and the next. */
const MAX_QUESTIONS = 2;
/** What has not answered within this has got stuck. */
const PATIENCE_MS = 3_000;
/** After this long without a question for it, it ends. */
const IDLE_MS = 10_000;

export interface SecondThreadOptions {
	readonly world: Pick<World, "clock" | "timers">;
	/** The database's file. */
	readonly file: string;
	/** Told once why there is none when there should be one; it is not tried again. */
	readonly onProblem: (problem: string) => void;
	/** What counts as long, in milliseconds. */
	readonly longMs?: number;
}

/** A thread that answers questions beside the daemon's own, while many come together. */
export class SecondThread {
	#thread: StandingThread<ToldOfCorpus, AskedOfCorpus, RecallAnswer> | undefined;
	#practised = 0;
	#isUsed = false;
	#idle: Timer | undefined;
	/** It failed, or the daemon ends. */
	#isOver = false;
	#crowded = { times: 0, sinceMs: 0 };

	constructor(private readonly options: SecondThreadOptions) {}

	get hasBegun(): boolean {
		return this.#thread !== undefined;
	}

	/** Whether it has begun, and has had its practice. */
	get isThere(): boolean {
		return this.#thread !== undefined && this.#practised >= PRACTICE;
	}

	/** Whether it takes a question. */
	get isFree(): boolean {
		return this.isThere && (this.#thread?.waiting ?? 0) < MAX_QUESTIONS;
	}

	/** Take in what was committed. */
	tell(message: ToldOfCorpus): void {
		this.#thread?.tell(message);
	}

	/** Take in how long it took until one of several questions was answered without it: it may be time to begin. */
	answeredElsewhere(tookMs: number): void {
		if (tookMs > (this.options.longMs ?? LONG_MS) && !this.#thread && !this.#isOver) this.#noteCrowd();
	}

	/** Let it answer what is answered elsewhere too, if it has not had its practice yet. */
	practise(asked: AskedOfCorpus): void {
		if (this.#thread?.waiting !== 0 || this.#practised >= PRACTICE) return;
		this.answer(asked).then(
			() => this.#practised++,
			() => undefined,
		);
	}

	/** Rejects when it cannot answer; then it has ended. */
	async answer(asked: AskedOfCorpus): Promise<RecallAnswer> {
		const thread = this.#thread;
		if (!thread) throw new Error("there is no second thread");
		this.#isUsed = true;
		try {
			const answer = await within(this.options.world.timers, PATIENCE_MS, thread.ask(asked));
			if (!answer) throw new Error(`it did not answer within ${PATIENCE_MS} ms`);
			return answer;
		} catch (error) {
			if (thread === this.#thread) this.#fail(error);
			throw error;
		}
	}

	/** End for good. */
	end(): Promise<void> {
		this.#isOver = true;
		return this.#end();
	}

	#noteCrowd(): void {
		const nowMs = this.options.world.clock.monotonicMs();
		if (nowMs - this.#crowded.sinceMs > CROWDED_WITHIN_MS) this.#crowded = { times: 0, sinceMs: nowMs };
		if (++this.#crowded.times >= CROWDED_TIMES) this.#begin();
	}

	#begin(): void {
		this.#practised = 0;
		this.#isUsed = true;
		this.#thread = new StandingThread(answeringThreadFile());
		this.#thread.tell({ file: this.options.file });
		this.#check();
	}

	#fail(error: unknown): void {
		this.#isOver = true;
		this.options.onProblem(messageOf(error));
		void this.#end();
	}

	#check(): void {
		if (!this.#isUsed) {
			void this.#end();
			return;
		}
		this.#isUsed = false;
		this.#idle = this.options.world.timers.after(IDLE_MS, () => this.#check());
	}

	async #end(): Promise<void> {
		const thread = this.#thread;
		this.#thread = undefined;
		this.#idle?.cancel();
		await thread?.end();
	}
}
