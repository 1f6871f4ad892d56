import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, type StartedProcess, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import {
	askHealth,
	type DaemonRecord,
	isSameFolder,
	isSameProcess,
	lockWorkspace,
	readClientToken,
	readDaemonRecord,
	removeRuntimeFiles,
	startFailure,
} from "@signet/daemon/runtime";
import { ownCommand, typed } from "./environment.ts";
import { CommandError } from "./failure.ts";

const POLL_MS = 10;
const HEALTH_TIMEOUT_MS = 2_000;
/** Upgrading a large workspace takes its time; a daemon that is alive is waited for. */
const START_TIMEOUT_MS = 120_000;
/** Longer than a daemon takes at most to end. */
const STOP_TIMEOUT_MS = 30_000;
const SHOWN_ERROR_LINES = 6;

/** The daemon of a workspace, if it serves and is the one that it says it is. */
export async function runningDaemon(paths: WorkspacePaths): Promise<DaemonRecord | undefined> {
	const record = readDaemonRecord(paths);
	const health = record && (await healthOf(paths, record));
	const isIt = record && health?.pid === record.pid && isSameFolder(health.agentsDir, paths.root);
	return isIt ? record : undefined;
}

/** Start a daemon that nobody supervises; resolves when it serves. */
export async function launch(paths: WorkspacePaths, { isForced = false } = {}): Promise<DaemonRecord> {
	const stderrFile = errorFileOf(paths);
	inWorkspace(paths, () => mkdirSync(paths.logFolder, { recursive: true, mode: 0o700 }));
	const startsAt = sizeOf(stderrFile);
	const child = inWorkspace(paths, () =>
		realWorld.processes.startDetached([...ownCommand(), "daemon", "--quiet", ...(isForced ? ["--force"] : [])], {
			env: { ...process.env, SIGNET_PATH: paths.root },
			stdoutFile: join(paths.logFolder, "daemon.out.log"),
			stderrFile,
		}),
	);
	return untilServing(paths, {
		isIt: ({ pid }) => pid === child.pid,
		failure: async () => (hasEnded(child) ? await whyEnded(paths, child, stderrFile, startsAt) : undefined),
	});
}

export interface Expected {
	/** Whether that daemon is the one that was started. */
	readonly isIt: (record: DaemonRecord) => boolean;
	/** Why it will never serve, once that is known; or the daemon that serves in its place. */
	readonly failure: () => Promise<CommandError | DaemonRecord | undefined>;
}

/** Wait until a daemon that was started serves. */
export async function untilServing(paths: WorkspacePaths, { isIt, failure }: Expected): Promise<DaemonRecord> {
	const deadline = realWorld.clock.monotonicMs() + START_TIMEOUT_MS;
	while (realWorld.clock.monotonicMs() < deadline) {
		const record = await runningDaemon(paths);
		if (record && isIt(record)) return record;
		const outcome = await failure();
		if (outcome instanceof CommandError) throw outcome;
		if (outcome) return outcome;
		await realWorld.timers.sleep(POLL_MS);
	}
	throw new CommandError(
		`The daemon does not answer after ${START_TIMEOUT_MS / 1000} s`,
		ExitCode.failure,
		`See ${errorFileOf(paths)} and \`${typed("logs")}\`.`,
	);
}

/**
 * End the daemon of a workspace; undefined when there was none. A process is signalled only if it is for certain the one
 * that wrote that it serves the workspace. With force, one that does not end is killed.
 */
export async function endDaemon(paths: WorkspacePaths, { isForced = false } = {}): Promise<DaemonRecord | undefined> {
	const record = readDaemonRecord(paths);
	const lock = lockWorkspace(paths);
	if (lock) {
		// Left behind by a crash: the number in it may be another program's by now.
		if (record) removeRuntimeFiles(paths, record);
		lock.release();
		return undefined;
	}
	if (!record || !(await isCertain(paths, record))) throw unknownOwner(record);
	realWorld.processes.signal(record.pid, "SIGTERM");
	if (await hasGivenUp(paths, STOP_TIMEOUT_MS)) return record;
	if (isForced && (await isCertain(paths, record))) {
		realWorld.processes.signal(record.pid, "SIGKILL");
		if (await hasGivenUp(paths, STOP_TIMEOUT_MS)) return record;
	}
	throw new CommandError(
		`The daemon (process ${record.pid}) has not ended after ${STOP_TIMEOUT_MS / 1000} s`,
		ExitCode.failure,
		`End it with \`${typed("stop --force")}\`; what it acknowledged is safe.`,
	);
}

/** Whether any process owns the workspace now. */
export function isHeld(paths: WorkspacePaths): boolean {
	const lock = lockWorkspace(paths);
	lock?.release();
	return !lock;
}

/** What the daemon said last on its standard error, from a position in the file on. */
export function lastWords(paths: WorkspacePaths, from: number): string {
	const file = errorFileOf(paths);
	if (sizeOf(file) === 0) return "";
	return readFileSync(file).subarray(from).toString().trim().split("\n").slice(-SHOWN_ERROR_LINES).join("\n");
}

/** The file to which a daemon in the background writes its standard error. */
export function errorFileOf({ logFolder }: WorkspacePaths): string {
	return join(logFolder, "daemon.err.log");
}

/** Size in bytes; 0 when there is no such file. */
export function sizeOf(file: string): number {
	return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** By when it was started, or by what it says itself where the system does not tell that. */
async function isCertain(paths: WorkspacePaths, record: DaemonRecord): Promise<boolean> {
	const isSame = isSameProcess(record.pid, record);
	if (isSame !== undefined) return isSame;
	const health = await healthOf(paths, record);
	return health?.pid === record.pid && health.nonce === record.nonce;
}

function unknownOwner(record: DaemonRecord | undefined): CommandError {
	const advice = record
		? `If it stays so, look at process ${record.pid}: where it is the daemon, \`kill ${record.pid}\` ends it.`
		: "Try again in a moment.";
	return new CommandError("The daemon is just starting or stopping, or does not answer", ExitCode.failure, advice);
}

async function hasGivenUp(paths: WorkspacePaths, limitMs: number): Promise<boolean> {
	const deadline = realWorld.clock.monotonicMs() + limitMs;
	while (realWorld.clock.monotonicMs() < deadline) {
		// Not by asking for the process: one that has ended stays listed until somebody takes note of it.
		if (!isHeld(paths)) return true;
		await realWorld.timers.sleep(POLL_MS);
	}
	return false;
}

async function whyEnded(
	paths: WorkspacePaths,
	child: StartedProcess,
	stderrFile: string,
	startsAt: number,
): Promise<CommandError | DaemonRecord> {
	// Somebody else was quicker.
	const other = child.exitCode() === ExitCode.ok ? await runningDaemon(paths) : undefined;
	if (other) return other;
	const [reason, ...advice] = refusalIn(lastWords(paths, startsAt)).split("\n");
	const exitCode = Object.values(ExitCode).find((code) => code === child.exitCode()) ?? ExitCode.failure;
	return new CommandError(
		`The daemon did not start: ${reason || `see ${stderrFile}`}`,
		exitCode || ExitCode.failure,
		advice.join("\n") || undefined,
	);
}

/** What a daemon says for whoever started it, without what it logged before. */
function refusalIn(words: string): string {
	return words.split(/^signet: /m).pop() ?? words;
}

/** Do what writes into the workspace; throws what was wrong with it in words. */
function inWorkspace<T>(paths: WorkspacePaths, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw startFailure(error, paths.root);
	}
}

function hasEnded(child: StartedProcess): boolean {
	return child.exitCode() !== undefined || !realWorld.processes.isAlive(child.pid);
}

function healthOf(paths: WorkspacePaths, { url }: DaemonRecord): ReturnType<typeof askHealth> {
	return askHealth(realWorld.network, url, { timeoutMs: HEALTH_TIMEOUT_MS, token: readClientToken(paths) });
}
