import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import { type FileLock, takeFileLock } from "@signet/core/file-lock";
import { writeDurably } from "../workspace/runtime-files.ts";
import { startFailure } from "../workspace/start-failure.ts";
import { findConfigFile } from "./config-candidates.ts";

export interface ConfigEdit {
	/** The file that is in force; made, if there was none. */
	readonly file: string;
	readonly before: string;
	readonly after: string;
}

/** How long another edit may take. */
const WAIT_MS = 5_000;

/**
 * Change the configuration of a workspace by a function of its text, one edit at a time. Whoever reads the file sees the
 * old or the new one, whole; a link to it stays one. A text that stays as it is, is not written. Throws what `edit`
 * throws, and nothing is changed.
 */
export function editConfigFile(paths: WorkspacePaths, edit: (text: string) => string): ConfigEdit {
	const lock = lockConfiguration(paths);
	try {
		const found = findConfigFile(paths.configFiles);
		const [first = ""] = paths.configFiles;
		const file = found?.path ?? first;
		const before = found ? readFileSync(file, "utf8") : "";
		const after = edit(before);
		if (after !== before) writeDurably(found ? realpathSync(file) : file, after);
		return { file, before, after };
	} finally {
		lock.release();
	}
}

function lockConfiguration({ runtimeFolder, root }: WorkspacePaths): FileLock {
	try {
		return takeFileLock(join(runtimeFolder, "config.lock"), WAIT_MS);
	} catch (error) {
		throw startFailure(error, root);
	}
}
