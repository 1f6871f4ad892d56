import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspacePaths } from "@signet/core";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { type Figure, ms } from "./figure.ts";
import { summarise } from "./load.ts";

const RESTARTS = 9;
const ASK_EVERY_MS = 1;

/** How long a client that asks all the time is without an answer while the daemon is restarted. */
export async function measureRestart(program: readonly string[], port: number): Promise<Figure> {
	const home = mkdtempSync(join(tmpdir(), "signet-bench-"));
	const env = { HOME: home, SIGNET_PORT: String(port), PATH: "" };
	const run = async (command: string) => {
		const child = Bun.spawn([...program, command], { env, stdout: "ignore", stderr: "inherit" });
		if ((await child.exited) !== 0) throw new Error(`${command} ended with ${child.exitCode}`);
	};
	const client = new PollingClient(`http://127.0.0.1:${port}/health`);
	try {
		await run("start");
		const asking = client.askUntilStopped();
		for (let n = 0; n < RESTARTS; n++) {
			await run("restart");
			client.nextGap();
		}
		client.stop();
		await asking;
	} finally {
		client.stop();
		await run("stop");
		rmSync(home, { recursive: true, force: true });
	}
	if (readDaemonRecord(workspacePaths(join(home, ".agents")))) throw new Error("the daemon did not end");
	const { p50, longest } = summarise(client.gaps, 1);
	return {
		what: "without an answer while `signet restart` runs, asking every ms on new connections",
		figure: `${ms(p50)} (longest of ${RESTARTS}: ${ms(longest)})`,
		target: "≤ 1 s",
	};
}

/** Asks again and again, each time on a new connection, and notes the longest time between two good answers. */
class PollingClient {
	/** Milliseconds, one for each restart. */
	readonly gaps: number[] = [];
	#isStopped = false;
	#lastGoodMs = Number.NaN;
	#longestMs = 0;

	constructor(private readonly url: string) {}

	async askUntilStopped(): Promise<void> {
		while (!this.#isStopped) {
			const isGood = await fetch(this.url, { headers: { connection: "close" } }).then(
				({ ok }) => ok,
				() => false,
			);
			if (isGood) {
				const now = performance.now();
				if (!Number.isNaN(this.#lastGoodMs)) this.#longestMs = Math.max(this.#longestMs, now - this.#lastGoodMs);
				this.#lastGoodMs = now;
			}
			await Bun.sleep(ASK_EVERY_MS);
		}
	}

	nextGap(): void {
		this.gaps.push(this.#longestMs);
		this.#longestMs = 0;
	}

	stop(): void {
		this.#isStopped = true;
	}
}
