import { constants, getPriority, setPriority } from "node:os";
import { messageOf } from "./errors.ts";

/**
 * Work that takes long and keeps whoever does it busy, done in a thread of its own. What is sent and answered is copied,
 * so it must be plain data or typed arrays.
 */

type ThreadAnswer<Value> = { readonly value: Value } | { readonly error: string };

/**
 * Have a work done by the thread that begins in `file` (a module that calls `serveThread`); the thread ends with it.
 * Rejects when the work or the thread fails, and when `signal` says that nobody waits any more.
 */
export async function inThread<Request, Value>(file: string, request: Request, signal?: AbortSignal): Promise<Value> {
	signal?.throwIfAborted();
	const thread = new Worker(file, { smol: true });
	try {
		const answer = await new Promise<ThreadAnswer<Value>>((resolve, reject) => {
			thread.onmessage = ({ data }: MessageEvent<ThreadAnswer<Value>>) => resolve(data);
			thread.onerror = ({ message }) => reject(new Error(message));
			thread.addEventListener("close", () => reject(new Error("the thread ended without an answer")));
			signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
			thread.postMessage(request);
		});
		if ("error" in answer) throw new Error(answer.error);
		return answer.value;
	} finally {
		thread.terminate();
	}
}

declare const self: Worker;

/** To be called once where a thread begins: answer the request that comes. */
export function serveThread<Request, Value>(work: (request: Request) => Value | Promise<Value>): void {
	self.onmessage = async ({ data }: MessageEvent<Request>) => {
		const answer = await answerOf(work, data);
		self.postMessage(answer);
	};
}

/**
 * Let other threads go first, from now on; called where nobody waits for what this one does. Only Linux has threads of one
 * process that differ in this.
 */
export function makeWay(): void {
	const lower = constants.priority.PRIORITY_BELOW_NORMAL;
	// Who goes later already may not ask to go earlier.
	if (process.platform === "linux" && getPriority() < lower) setPriority(lower);
}

async function answerOf<Request, Value>(
	work: (request: Request) => Value | Promise<Value>,
	request: Request,
): Promise<ThreadAnswer<Value>> {
	try {
		return { value: await work(request) };
	} catch (error) {
		return { error: messageOf(error) };
	}
}
