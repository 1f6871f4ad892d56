import { mkdirSync } from "node:fs";
import { ExitCode, StartupError, type WorkspacePaths } from "@signet/core";
import { type FileLock, isHeldByAnother, takeFileLock } from "@signet/core/file-lock";
import { readDaemonRecord } from "./runtime-files.ts";
import { startFailure } from "./start-failure.ts";

/** The right to use a workspace, held by at most one process. */
export type WorkspaceLock = FileLock;

/** Take the workspace for this process. Throws when another process has it. */
export function lockWorkspace(paths: WorkspacePaths): WorkspaceLock {
	try {
		mkdirSync(paths.runtimeFolder, { recursive: true, mode: 0o700 });
	} catch (error) {
		throw startFailure(error, paths.root);
	}
	try {
		return takeFileLock(paths.lockFile);
	} catch (error) {
		throw isHeldByAnother(error) ? alreadyRunning(paths) : error;
	}
}

function alreadyRunning(paths: WorkspacePaths): StartupError {
	const record = readDaemonRecord(paths);
	const who = record ? ` (process ${record.pid}, ${record.url})` : "";
	return new StartupError(
		`Another Signet daemon${who} is using the workspace ${paths.root}`,
		"Use the one that runs, stop it with `signet stop`, or set SIGNET_PATH to another workspace.",
		ExitCode.conflict,
	);
}
