import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, type StartedProcess, StartupError, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import {
	type DaemonRecord,
	lockWorkspace,
	readDaemonRecord,
	removeRuntimeFiles,
	startFailure,
} from "@signet/daemon/runtime";
import { healthAnswer } from "../answers.ts";
import { DaemonClient } from "../client.ts";
import { type CommonOptions, ownCommand, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { style } from "../terminal.ts";

const POLL_MS = 25;
const HEALTH_TIMEOUT_MS = 2_000;
/** Upgrading a large workspace takes its time; a daemon that is alive is waited for. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const SHOWN_ERROR_LINES = 6;

/** `signet start`: returns when the daemon answers. */
export async function start(options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const running = await runningDaemon(paths);
	if (running) {
		announce(options, "already-running", running);
		return ExitCode.ok;
	}
	announce(options, "started", await launch(paths));
	return ExitCode.ok;
}

/** `signet stop`: returns when the daemon has ended. */
export async function stop(options: CommonOptions): Promise<ExitCode> {
	const record = await end(workspaceOf(options));
	if (options.json)
		console.log(JSON.stringify({ status: record ? "stopped" : "not-running", pid: record?.pid ?? null }));
	else console.log(record ? `Stopped ${style.dim(`(process ${record.pid})`)}` : "It was not running");
	return ExitCode.ok;
}

/** `signet restart`. */
export async function restart(options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	await end(paths);
	announce(options, "restarted", await launch(paths));
	return ExitCode.ok;
}

/** The daemon of a workspace, if it answers and is the one that it says it is. */
export async function runningDaemon(paths: WorkspacePaths): Promise<DaemonRecord | undefined> {
	const record = readDaemonRecord(paths);
	if (!record) return undefined;
	try {
		const client = new DaemonClient(record.url, realWorld.network);
		const health = healthAnswer.parse(await client.get("/health", HEALTH_TIMEOUT_MS));
		return health.pid === record.pid && health.agentsDir === paths.root ? record : undefined;
	} catch {
		return undefined;
	}
}

/** Start the daemon of a workspace in the background; resolves when it answers. */
export async function launch(paths: WorkspacePaths): Promise<DaemonRecord> {
	const stderrFile = join(paths.logFolder, "daemon.err.log");
	makeLogFolder(paths);
	const startsAt = sizeOf(stderrFile);
	const child = realWorld.processes.startDetached([...ownCommand(), "daemon", "--quiet"], {
		env: { ...process.env, SIGNET_PATH: paths.root },
		stdoutFile: join(paths.logFolder, "daemon.out.log"),
		stderrFile,
	});
	const deadline = realWorld.clock.monotonicMs() + START_TIMEOUT_MS;
	while (realWorld.clock.monotonicMs() < deadline) {
		const record = await runningDaemon(paths);
		if (record?.pid === child.pid) return record;
		if (hasEnded(child)) throw launchFailure(child, stderrFile, startsAt);
		await realWorld.timers.sleep(POLL_MS);
	}
	throw new CommandError(
		`The daemon (process ${child.pid}) does not answer after ${START_TIMEOUT_MS / 1000} s`,
		ExitCode.failure,
		`See ${stderrFile} and \`${typed("logs")}\`.`,
	);
}

/** End the daemon of a workspace; undefined when there was none. */
export async function end(paths: WorkspacePaths): Promise<DaemonRecord | undefined> {
	const record = readDaemonRecord(paths);
	if (!isHeld(paths)) {
		// Left behind by a crash: the number in it may be another program's by now.
		if (record) removeRuntimeFiles(paths);
		return undefined;
	}
	if (!record) {
		throw new CommandError(
			"The daemon is just starting or stopping, or is busy elsewhere",
			ExitCode.failure,
			"Try again in a moment.",
		);
	}
	realWorld.processes.signal(record.pid, "SIGTERM");
	const deadline = realWorld.clock.monotonicMs() + STOP_TIMEOUT_MS;
	while (realWorld.clock.monotonicMs() < deadline) {
		// Not by asking for the process: one that has ended stays listed until somebody takes note of it.
		if (!isHeld(paths)) return record;
		await realWorld.timers.sleep(POLL_MS);
	}
	throw new CommandError(
		`The daemon (process ${record.pid}) has not ended after ${STOP_TIMEOUT_MS / 1000} s`,
		ExitCode.failure,
		`End it with \`kill -9 ${record.pid}\`; what it acknowledged is safe.`,
	);
}

/** Whether any process owns the workspace now. */
function isHeld(paths: WorkspacePaths): boolean {
	try {
		lockWorkspace(paths).release();
		return false;
	} catch (error) {
		if (error instanceof StartupError && error.exitCode === ExitCode.conflict) return true;
		throw error;
	}
}

function announce(options: CommonOptions, status: string, { pid, url, version }: DaemonRecord): void {
	if (options.json) {
		console.log(JSON.stringify({ status, pid, url, version }));
		return;
	}
	const words = { started: "Started", restarted: "Restarted" }[status] ?? "Already running";
	console.log(
		`${style.good("●")} ${words} at ${style.accent(url)} ${style.dim(`(process ${pid}, version ${version})`)}`,
	);
}

function launchFailure(child: StartedProcess, stderrFile: string, startsAt: number): CommandError {
	const said = readFileSync(stderrFile)
		.subarray(startsAt)
		.toString()
		.trim()
		.split("\n")
		.slice(-SHOWN_ERROR_LINES)
		.join("\n");
	const exitCode = Object.values(ExitCode).find((code) => code === child.exitCode()) ?? ExitCode.failure;
	const reason = said.replace(/^signet: /, "");
	return new CommandError(`The daemon did not start: ${reason || `see ${stderrFile}`}`, exitCode || ExitCode.failure);
}

function makeLogFolder(paths: WorkspacePaths): void {
	try {
		mkdirSync(paths.logFolder, { recursive: true, mode: 0o700 });
	} catch (error) {
		throw startFailure(error, paths.root);
	}
}

function hasEnded(child: StartedProcess): boolean {
	return child.exitCode() !== undefined || !realWorld.processes.isAlive(child.pid);
}

function sizeOf(file: string): number {
	return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
