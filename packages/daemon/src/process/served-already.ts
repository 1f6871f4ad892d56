import { readFileSync, realpathSync } from "node:fs";
import { ExitCode, type Network, StartupError, type WorkspacePaths, type World } from "@signet/core";
import { readClientToken } from "../auth/client-token.ts";
import { readDaemonRecord } from "../workspace/runtime-files.ts";
import { askHealth } from "./ask-health.ts";

/** What is wanted is there: nothing was started, and nothing is wrong. */
export function servedAlready(root: string, { pid, url, version }: { pid: number; url: string; version: string }) {
	return new StartupError(
		`Another Signet daemon (process ${pid}, ${url}, version ${version}) is serving the workspace ${root}`,
		"Use the one that runs, stop it with `signet stop`, or set SIGNET_PATH to another workspace.",
		ExitCode.ok,
	);
}

/** Why a workspace that another process has cannot be served by this one. */
export async function workspaceTaken(paths: WorkspacePaths, network: Network): Promise<StartupError> {
	const record = readDaemonRecord(paths);
	const health = record && (await askHealth(network, record.url, { token: readClientToken(paths) }));
	if (record && health?.pid === record.pid && isSameFolder(health.agentsDir, paths.root)) {
		return servedAlready(paths.root, record);
	}
	const who = record ? ` (process ${record.pid}, ${record.url})` : "";
	return new StartupError(
		`Another process${who} has the workspace ${paths.root}, and does not answer: it is starting, ending, or busy`,
		"Try again in a moment. If that does not help, end it with `signet stop --force`.",
		ExitCode.tryLater,
	);
}

/** Where the earlier daemon of the same name listens. */
const EARLIER_URL = "http://127.0.0.1:3850";

/**
 * The earlier daemon of the same name takes no lock; all it leaves is its number. Throws when it is serving this
 * workspace now, wherever we are to listen.
 */
export async function refuseBesideEarlier(
	paths: WorkspacePaths,
	{ network, processes }: Pick<World, "network" | "processes">,
): Promise<void> {
	const pid = Number(textOf(paths.pidFile));
	if (!(pid > 0) || pid === process.pid || pid === readDaemonRecord(paths)?.pid || !processes.isAlive(pid)) return;
	const health = await askHealth(network, EARLIER_URL);
	if (health?.pid === pid && isSameFolder(health.agentsDir, paths.root)) {
		throw servedAlready(paths.root, { ...health, url: EARLIER_URL });
	}
}

/** Whether two paths lead to the same folder. */
export function isSameFolder(one: string, other: string): boolean {
	return one === other || realPathOf(one) === realPathOf(other);
}

function realPathOf(folder: string): string {
	try {
		return realpathSync(folder);
	} catch {
		return folder;
	}
}

function textOf(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
