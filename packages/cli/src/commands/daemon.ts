import { ExitCode, messageOf } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type DaemonOptions, type RunningDaemon, startDaemon } from "@signet/daemon";
import { formatLogEntry, isAtLeast } from "@signet/daemon/runtime";
import { EMBED_WORKER, executableFile, listenAddress, ownCommand, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { style } from "../terminal.ts";

/**
 * `signet daemon [--path DIR] [--quiet]`: serve in the foreground until told to stop. Resolves when it answers; the
 * process lives on.
 */
export async function runDaemon(args: readonly string[]): Promise<undefined> {
	const { path, quiet } = parseOptions(args);
	const { host, port } = listenAddress();
	if (!Number.isInteger(port) || port < 0 || port > 65_535) {
		throw new CommandError(
			`SIGNET_PORT is ${process.env.SIGNET_PORT}, which is no port`,
			ExitCode.usage,
			"Use a number from 0 to 65535.",
		);
	}
	// What is made here is for this user alone.
	process.umask(0o077);
	const daemon = await startDaemon({
		root: workspaceOf(path === undefined ? {} : { path }).root,
		host,
		port,
		env: process.env,
		world: realWorld,
		workerCommand: [...ownCommand(), EMBED_WORKER],
		program: programOf(executableFile()),
		onLogEntry: (entry) => {
			if (isAtLeast(entry.level, "warn")) console.error(formatLogEntry(entry));
		},
	});
	stopOnSignals(daemon, quiet);
	if (!quiet) greet(daemon);
}

/** By hand: the daemon is to be small, and there is little to parse. */
function parseOptions(args: readonly string[]): { path: string | undefined; quiet: boolean } {
	let path: string | undefined;
	let quiet = false;
	for (let at = 0; at < args.length; at++) {
		const argument = args[at];
		if (argument === "--quiet") quiet = true;
		else if (argument === "--path" && args[at + 1]) path = args[++at];
		else if (argument?.startsWith("--path=")) path = argument.slice("--path=".length);
		else throw new CommandError(`unknown argument ${argument}`, ExitCode.usage, `See \`${typed("daemon --help")}\`.`);
	}
	return { path, quiet };
}

/** What exchanges this program by another version of it. */
function programOf(executable: string | undefined): DaemonOptions["program"] {
	return executable === undefined ? undefined : { executable, updateCommand: [executable, "update"] };
}

function stopOnSignals(daemon: RunningDaemon, quiet: boolean): void {
	let isStopping = false;
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.on(signal, () => {
			// Whoever asks twice does not want to wait.
			if (isStopping) process.exit(ExitCode.failure);
			isStopping = true;
			daemon.stop().then(
				() => {
					if (!quiet) console.log(style.dim("\nStopped"));
					process.exit(ExitCode.ok);
				},
				(error: unknown) => {
					console.error(`signet: ${messageOf(error)}`);
					process.exit(ExitCode.failure);
				},
			);
		});
	}
}

function greet({ url, paths }: RunningDaemon): void {
	console.log(`${style.bold("Signet")} is running at ${style.accent(url)}
${style.dim("workspace")}  ${paths.root}

Try, in another terminal:
  ${style.accent(typed('remember "I prefer small pull requests"'))}
  ${style.accent(typed('recall "how do I like my pull requests?"'))}
  ${style.accent(typed("status"))}

${style.dim("Ctrl+C stops it.")}`);
}
