import { ExitCode } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { runEmbedWorker } from "@signet/search/embed-worker";

/** `signet embed-worker`, which only the daemon calls: run a model until nobody wants it any more. */
export async function runWorker(): Promise<ExitCode> {
	await runEmbedWorker({
		input: Bun.stdin.stream(),
		print: async (line) => void (await Bun.write(Bun.stdout, `${line}\n`)),
		timers: realWorld.timers,
	});
	return ExitCode.ok;
}
