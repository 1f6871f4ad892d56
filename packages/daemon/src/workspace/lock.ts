import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf, type WorkspacePaths } from "@signet/core";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { startFailure } from "./start-failure.ts";

/** The right to use a workspace, held by at most one process. */
export type WorkspaceLock = FileLock;

/**
 * Take the workspace for this process; undefined when another process has it for longer than `waitMs`. Throws when it
 * cannot be used at all.
 */
export function lockWorkspace(paths: WorkspacePaths, waitMs = 0): WorkspaceLock | undefined {
	try {
		mkdirSync(paths.runtimeFolder, { recursive: true, mode: 0o700 });
		keepPrivate(paths);
	} catch (error) {
		throw startFailure(error, paths.root);
	}
	try {
		return takeFileLock(paths.lockFile, waitMs);
	} catch (error) {
		if (/locked|busy/i.test(messageOf(error))) return undefined;
		throw error;
	}
}

/** The earlier daemon left its runtime folder, and logs in it that quote prompts, open for everybody to read. */
function keepPrivate({ runtimeFolder, logFolder }: WorkspacePaths): void {
	for (const folder of [runtimeFolder, logFolder]) {
		const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
		if ((mode & 0o077) === 0 || process.platform === "win32") continue;
		chmodSync(folder, 0o700);
		for (const entry of readdirSync(folder, { withFileTypes: true })) {
			if (entry.isFile()) chmodSync(join(folder, entry.name), 0o600);
		}
	}
}
