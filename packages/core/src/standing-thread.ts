import { messageOf } from "./errors.ts";

/**
 * A thread that stays until it is ended. What it is told and asked it takes in the order in which that was sent. Messages
 * are copied, so they must be plain data or typed arrays.
 */

type Message<Told, Asked> = { readonly told: Told } | { readonly asked: Asked; readonly id: number };
type Answer<Value> = { readonly id: number } & ({ readonly value: Value } | { readonly error: string });

export class StandingThread<Told, Asked, Value> {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, PromiseWithResolvers<Value>>();
	readonly #closed = Promise.withResolvers<void>();
	#lastId = 0;
	#end: Error | undefined;

	/** @param file a module that calls `serveStandingThread` */
	constructor(file: string) {
		this.#worker = new Worker(file);
		this.#worker.unref();
		this.#worker.onmessage = ({ data }: MessageEvent<Answer<Value>>) => this.#settle(data);
		this.#worker.onerror = ({ message }) => this.#stop(new Error(message));
		this.#worker.addEventListener("close", () => {
			this.#stop(new Error("the thread has ended"));
			this.#closed.resolve();
		});
	}

	/** How many of the questions it was asked wait for an answer. */
	get waiting(): number {
		return this.#waiting.size;
	}

	tell(told: Told): void {
		this.#send({ told });
	}

	/** Rejects when it cannot answer, and when it ends before it has. */
	ask(asked: Asked): Promise<Value> {
		if (this.#end) return Promise.reject(this.#end);
		const id = ++this.#lastId;
		const answer = Promise.withResolvers<Value>();
		this.#waiting.set(id, answer);
		this.#send({ asked, id });
		return answer.promise;
	}

	/** End it, whatever it is at; resolves when it has. */
	end(): Promise<void> {
		this.#stop(new Error("the thread was ended"));
		this.#worker.terminate();
		return this.#closed.promise;
	}

	#send(message: Message<Told, Asked>): void {
		if (!this.#end) this.#worker.postMessage(message);
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

export interface StandingThreadWork<Told, Asked, Value> {
	/** Must not throw. */
	told(message: Told): void;
	answer(asked: Asked): Promise<Value>;
}

declare const self: Worker;

/** To be called once where such a thread begins. */
export function serveStandingThread<Told, Asked, Value>(work: StandingThreadWork<Told, Asked, Value>): void {
	self.onmessage = ({ data }: MessageEvent<Message<Told, Asked>>) => {
		if ("told" in data) work.told(data.told);
		else void answer(work, data);
	};
}

async function answer<Told, Asked, Value>(
	work: StandingThreadWork<Told, Asked, Value>,
	{ asked, id }: { readonly asked: Asked; readonly id: number },
): Promise<void> {
	const message: Answer<Value> = await work.answer(asked).then(
		(value) => ({ id, value }),
		(error) => ({ id, error: messageOf(error) }),
	);
	self.postMessage(message);
}
