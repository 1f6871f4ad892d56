import { ExitCode, messageOf, StartupError } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type DaemonOptions, type RunningDaemon, startDaemon } from "@signet/daemon";
import { Ending, formatLogEntry, isAtLeast, supervisorOf } from "@signet/daemon/runtime";
import { EMBED_WORKER, executableFile, listenAddress, ownCommand, typed, workspaceOf } from "../environment.ts";
import { CommandError, report } from "../failure.ts";
import { style } from "../terminal.ts";

interface DaemonCommandOptions {
	readonly path?: string;
	readonly quiet: boolean;
	readonly force: boolean;
}

/**
 * `signet daemon [--path DIR] [--quiet] [--force]`: serve in the foreground until told to stop. Resolves when it answers;
 * the process lives on.
 */
export async function runDaemon(args: readonly string[]): Promise<undefined> {
	const options = parseOptions(args);
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
	const starting = startDaemon({
		root: workspaceOf(options).root,
		host,
		port,
		env: process.env,
		world: realWorld,
		workerCommand: [...ownCommand(), EMBED_WORKER],
		isForced: options.force,
		program: programOf(executableFile()),
		onLogEntry: (entry) => {
			if (isAtLeast(entry.level, "warn")) console.error(formatLogEntry(entry));
		},
	});
	endInOrder(starting, options);
	const daemon = await starting.catch(endForGood);
	if (!options.quiet) greet(daemon);
}

/** Starting again will not help with these; systemd is told so by their numbers. */
const FINAL: ReadonlySet<ExitCode> = new Set([ExitCode.usage, ExitCode.conflict, ExitCode.crashLoop]);

/** To launchd every failure is a reason to start again, so that to it this must be none. */
function endForGood(error: unknown): never {
	const isFinal = error instanceof StartupError && FINAL.has(error.exitCode);
	const { env, pid, ppid } = process;
	if (!isFinal || supervisorOf({ env, pid, parentPid: ppid })?.kind !== "launchd") throw error;
	report(error);
	return process.exit(ExitCode.ok);
}

/** By hand: the daemon is to be small, and there is little to parse. */
function parseOptions(args: readonly string[]): DaemonCommandOptions {
	const options: { path?: string; quiet: boolean; force: boolean } = { quiet: false, force: false };
	for (let at = 0; at < args.length; at++) {
		const argument = args[at];
		const next = args[at + 1];
		if (argument === "--quiet") options.quiet = true;
		else if (argument === "--force") options.force = true;
		else if (argument === "--path" && next) {
			options.path = next;
			at++;
		} else if (argument?.startsWith("--path=")) options.path = argument.slice("--path=".length);
		else throw new CommandError(`unknown argument ${argument}`, ExitCode.usage, `See \`${typed("daemon --help")}\`.`);
	}
	return options;
}

/** Whatever is to end the process, or might: signals, and errors that nobody caught. */
function endInOrder(starting: Promise<RunningDaemon>, { quiet }: DaemonCommandOptions): void {
	let daemon: RunningDaemon | undefined;
	// A start that fails is reported by whoever waits for it.
	starting.then(
		(started) => {
			daemon = started;
		},
		() => undefined,
	);
	const ending = new Ending({
		stop: async () => {
			await (await starting).stop();
			if (!quiet) console.log(style.dim("\nStopped"));
		},
		exit: (code) => process.exit(code),
		timers: realWorld.timers,
		onForced: (reason) => console.error(`signet: ${messageOf(reason)}`),
	});
	process.on("SIGINT", () => ending.asked());
	process.on("SIGTERM", () => ending.asked());
	process.on("SIGHUP", () => {
		// Of a terminal that was closed nobody waits; without one, it is how a daemon is told of its configuration.
		if (process.stdin.isTTY || process.platform === "win32") ending.asked();
		else daemon?.reload();
	});
	process.on("unhandledRejection", (reason) => {
		if (daemon ? daemon.faults.rejected(reason) : failedToStart(reason)) return;
		ending.begin(ExitCode.failure);
	});
	process.on("uncaughtException", (error) => {
		if (daemon) daemon.faults.thrown(error);
		else failedToStart(error);
		ending.begin(ExitCode.failure);
	});
}

/** Nothing was accepted yet that could be lost. */
function failedToStart(error: unknown): never {
	return process.exit(report(error));
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

/** What exchanges this program by another version of it. */
function programOf(executable: string | undefined): DaemonOptions["program"] {
	return executable === undefined ? undefined : { executable, updateCommand: [executable, "update"] };
}
