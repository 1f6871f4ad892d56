#!/usr/bin/env bun
import { runDaemon } from "./commands/daemon.ts";
import { embedWorkerFile } from "./commands/embed-worker-file.ts";
import { EMBED_WORKER } from "./environment.ts";
import { report } from "./failure.ts";

/**
 * The program. The daemon, which stays, is kept apart from the command line, which comes and goes: each loads only what
 * it needs.
 */
async function main(args: readonly string[]): Promise<number | undefined> {
	const [command, ...rest] = args;
	if (command === "daemon" && rest.every((argument) => argument !== "--help" && argument !== "-h")) {
		return runDaemon(rest);
	}
	if (command === EMBED_WORKER) {
		// By a name that the bundler does not see: what it brings along is large, and the daemon is to be small.
		const worker: typeof import("./commands/embed-worker.ts") = await import(embedWorkerFile());
		return worker.runWorker();
	}
	const { runProgram } = await import("./program/program.ts");
	return runProgram(args);
}

main(Bun.argv.slice(2)).then(
	(code) => {
		// The daemon goes on; everything else is done.
		if (code !== undefined) process.exit(code);
	},
	(error: unknown) => process.exit(report(error, Bun.argv.includes("--json"))),
);
