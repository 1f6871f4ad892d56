import { threadFile } from "./thread-file.ts";
import type { ThreadAnswer, ThreadRequest, ThreadWorks } from "./thread-works.ts";

/**
 * Do a work on a database file in a thread of its own, which ends with it, so that nobody waits for it here. Rejects when
 * the work or the thread fails.
 */
export async function inThread<Name extends keyof ThreadWorks>(
	name: Name,
	file: string,
): Promise<ReturnType<ThreadWorks[Name]>> {
	const thread = new Worker(threadFile(), { smol: true });
	try {
		const answer = await new Promise<ThreadAnswer<Name>>((resolve, reject) => {
			thread.onmessage = ({ data }: MessageEvent<ThreadAnswer<Name>>) => resolve(data);
			thread.onerror = ({ message }) => reject(new Error(message));
			thread.postMessage({ name, file } satisfies ThreadRequest);
		});
		if ("error" in answer) throw new Error(answer.error);
		return answer.value;
	} finally {
		thread.terminate();
	}
}
