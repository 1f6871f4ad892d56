import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms } from "./figure.ts";
import { load, summarise } from "./load.ts";

const timesSchema = z.array(z.number());

export interface StallLoad {
	readonly questions: readonly string[];
	readonly texts: readonly string[];
	/** Another model, which everything is embedded anew for meanwhile. */
	readonly otherModel: string;
}

/**
 * How long the daemon leaves a request alone while others recall and remember, all memories are embedded anew and drawn:
 * `/health` does nothing, so what its answer takes is waiting for the event loop, or for the processor.
 */
export async function measureStall(
	daemon: RunningDaemon,
	{ questions, texts, otherModel }: StallLoad,
): Promise<Figure> {
	using probe = new Probe(`${daemon.url}/health`);
	const half = Math.floor(questions.length / 2);
	const recall = (query: string) => daemon.post("/api/memory/recall", { query, limit: 10 });
	await Promise.all([
		(async () => {
			await load(questions.slice(0, half), 4, recall);
			await daemon.get("/api/embeddings/projection");
			writeFileSync(join(daemon.root, "agent.yaml"), otherModel);
			await load(questions.slice(half), 4, recall);
		})(),
		load(texts, 4, (content) => daemon.post("/api/memory/remember", { content })),
	]);
	const { p50, p99, longest } = summarise(await probe.times(), 1);
	return {
		what: "`/health` while 4 clients recall and 4 remember, everything is embedded anew and drawn: p50 / p99 / longest",
		figure: `${p50.toFixed(2)} / ${p99.toFixed(2)} / ${ms(longest)}`,
		target: "≤ 20 ms",
	};
}

class Probe implements Disposable {
	readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;

	constructor(url: string) {
		const command = [process.execPath, join(import.meta.dir, "stall-probe.ts"), url];
		this.#process = Bun.spawn(command, { stdin: "pipe", stdout: "pipe" });
	}

	async times(): Promise<number[]> {
		await this.#process.stdin.end();
		return timesSchema.parse(JSON.parse(await new Response(this.#process.stdout).text()));
	}

	[Symbol.dispose](): void {
		this.#process.kill();
	}
}
