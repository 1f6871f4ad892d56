import { messageOf } from "./errors.ts";

/**
 * A thread that stays until it is ended. What it is asked it takes in the order in which that was sent. Messages are copied,
 * so they must be plain data or typed arrays.
 */

interface Question<Asked> {
	readonly asked: Asked;
	readonly id: number;
}
type Answer<Value> = { readonly id: number } & ({ readonly value: Value } | { readonly error: string });

export class StandingThread<Asked, Value> {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, PromiseWithResolvers<Value>>();
	readonly #closed = Promise.withResolvers<void>();
	#lastId = 0;
	#end: Error | undefined;

	/** @param file a module that calls `serveStandingThread` */
	constructor(file: string) {
		this.#worker = new Worker(file, { smol: true });
		this.#worker.unref();
		this.#worker.onmessage = ({ data }: MessageEvent<Answer<Value>>) => this.#settle(data);
		this.#worker.onerror = ({ message }) => this.#stop(new Error(message));
		this.#worker.addEventListener("close", () => {
			this.#stop(new Error("the thread has ended"));
			this.#closed.resolve();
		});
	}

	/** Rejects when it cannot answer, and when it ends before it has. */
	async ask(asked: Asked): Promise<Value> {
		if (this.#end) throw this.#end;
		const question: Question<Asked> = { asked, id: ++this.#lastId };
		this.#worker.postMessage(question);
		const answer = Promise.withResolvers<Value>();
		this.#waiting.set(question.id, answer);
		return answer.promise;
	}

	/** End it, whatever it is at; resolves when it has. */
	end(): Promise<void> {
		this.#stop(new Error("the thread was ended"));
		this.#worker.terminate();
		return this.#closed.promise;
	}

	#settle(answer: Answer<Value>): void {
		const waiting = this.#waiting.get(answer.id);
		this.#waiting.delete(answer.id);
		if ("error" in answer) waiting?.reject(new Error(answer.error));
		else waiting?.resolve(answer.value);
	}

	#stop(reason: Error): void {
		this.#end ??= reason;
		for (const { reject } of this.#waiting.values()) reject(this.#end);
		this.#waiting.clear();
	}
}

declare const self: Worker;

/** To be called once where such a thread begins. */
export function serveStandingThread<Asked, Value>(work: (asked: Asked) => Promise<Value>): void {
	self.onmessage = async ({ data: { asked, id } }: MessageEvent<Question<Asked>>) => {
		const message: Answer<Value> = await work(asked).then(
			(value) => ({ id, value }),
			(error) => ({ id, error: messageOf(error) }),
		);
		self.postMessage(message);
	};
}
