import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms } from "./figure.ts";
import { load, summarise } from "./load.ts";

const PING_EVERY_MS = 2;

/**
 * How long the daemon leaves a request alone while others recall and remember: `/health` does nothing, so what its
 * answer takes is waiting for the event loop.
 */
export async function measureStall(
	daemon: RunningDaemon,
	{ questions, texts }: { questions: readonly string[]; texts: readonly string[] },
): Promise<Figure> {
	let isWorking = true;
	const times: number[] = [];
	const pings = (async () => {
		while (isWorking) {
			const sentAt = performance.now();
			await (await fetch(`${daemon.url}/health`)).text();
			times.push(performance.now() - sentAt);
			await Bun.sleep(PING_EVERY_MS);
		}
	})();
	await Promise.all([
		load(questions, 4, (query) => daemon.post("/api/memory/recall", { query, limit: 10 })),
		load(texts, 4, (content) => daemon.post("/api/memory/remember", { content })),
	]);
	isWorking = false;
	await pings;
	const { p50, p99, longest } = summarise(times, 1);
	return {
		what: "`/health` while 4 clients recall and 4 remember: p50 / p99 / longest",
		figure: `${p50.toFixed(2)} / ${p99.toFixed(2)} / ${ms(longest)}`,
	};
}
