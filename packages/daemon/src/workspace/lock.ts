import { Database as SqliteFile } from "bun:sqlite";
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { ExitCode, messageOf, StartupError, type WorkspacePaths } from "@signet/core";
import { readDaemonRecord } from "./runtime-files.ts";
import { startFailure } from "./start-failure.ts";

/** The right to use a workspace, held by at most one process. */
export interface WorkspaceLock {
	release(): void;
}

/**
 * Take the workspace for this process. The operating system takes the lock back when the process ends, however it ends,
 * so nothing has to be cleaned up after a crash. Throws when another process has it.
 */
export function lockWorkspace(paths: WorkspacePaths): WorkspaceLock {
	try {
		mkdirSync(paths.runtimeFolder, { recursive: true, mode: 0o700 });
	} catch (error) {
		throw startFailure(error, paths.root);
	}
	// An exclusive transaction that never ends, on a file of its own: SQLite knows how to lock on every system. The file
	// must not be opened in any other way, since closing it would give up the lock.
	if (!existsSync(paths.lockFile)) appendFileSync(paths.lockFile, "", { mode: 0o600 });
	const file = new SqliteFile(paths.lockFile, { create: true, readwrite: true });
	try {
		file.run("PRAGMA journal_mode = OFF");
		file.run("BEGIN EXCLUSIVE");
	} catch (error) {
		file.close();
		throw /locked|busy/i.test(messageOf(error)) ? alreadyRunning(paths) : error;
	}
	return { release: () => file.close() };
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
