import { threadFile } from "./thread-file.ts";
import type { ThreadAnswer, ThreadRequest } from "./thread-works.ts";

/**
 * Do a work on a database file in a thread of its own, which ends with it, so that nobody waits for it here. Rejects when
 * the work or the thread fails.
 */
export async function inThread(request: ThreadRequest): Promise<Extract<ThreadAnswer, { value: unknown }>["value"]> {
	const thread = new Worker(threadFile(), { smol: true });
	try {
		const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
			thread.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => resolve(data);
			thread.onerror = ({ message }) => reject(new Error(message));
			thread.postMessage(request);
		});
		if ("error" in answer) throw new Error(answer.error);
		return answer.value;
	} finally {
		thread.terminate();
	}
}
