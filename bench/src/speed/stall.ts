import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms } from "./figure.ts";
import { HelperProcess } from "./helper-process.ts";
import { load, summarise } from "./load.ts";

const timesSchema = z.tuple([z.array(z.number()), z.array(z.number())]);

export interface StallLoad {
	readonly questions: readonly string[];
	readonly texts: readonly string[];
	/** Another model, which everything is embedded anew for meanwhile. */
	readonly otherModel: string;
	/** A server that does nothing, which is asked as often beside the daemon. */
	readonly bareServer: string;
}

/**
 * How long the daemon leaves a request alone while others recall and remember, all memories are embedded anew and drawn:
 * `/health` does nothing, so what its answer takes is waiting for the event loop, or for the processor.
 */
export async function measureStall(
	daemon: RunningDaemon,
	{ questions, texts, otherModel, bareServer }: StallLoad,
): Promise<Figure> {
	await using bare = await HelperProcess.start([bareServer]);
	using probe = new Probe(`${daemon.url}/health`, bare.url);
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
	const [ours, theirs] = await probe.times();
	return {
		what: "`/health` while 4 clients recall and 4 remember, everything is embedded anew and drawn: p50 / p99 / longest",
		figure: timesOf(ours),
		target: "≤ 20 ms",
		floor: `bare server beside it ${timesOf(theirs)}`,
	};
}

function timesOf(times: readonly number[]): string {
	const { p50, p99, longest } = summarise(times, 1);
	return `${p50.toFixed(2)} / ${p99.toFixed(2)} / ${ms(longest)}`;
}

class Probe implements Disposable {
	readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;

	/** @param urls asked one after the other */
	constructor(...urls: readonly [string, string]) {
		const command = [process.execPath, join(import.meta.dir, "stall-probe.ts"), ...urls];
		this.#process = Bun.spawn(command, { stdin: "pipe", stdout: "pipe" });
	}

	/** How long the answers of each took, in milliseconds. */
	async times(): Promise<z.infer<typeof timesSchema>> {
		await this.#process.stdin.end();
		return timesSchema.parse(JSON.parse(await new Response(this.#process.stdout).text()));
	}

	[Symbol.dispose](): void {
		this.#process.kill();
	}
}
