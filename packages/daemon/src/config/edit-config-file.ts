import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import { type FileLock, takeFileLock } from "@signet/core/file-lock";
import { ConfinedFolder, FileName, RefusedFile, readRegularFile } from "@signet/core/files";
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
/** A larger file is none of ours. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Change the configuration of a workspace by a function of its text, one edit at a time. Whoever reads the file sees the
 * old or the new one, whole; a link to it stays one. A text that stays as it is, is not written. Rejects with what
 * `edit` throws, or with a `RefusedFile`, and nothing is changed.
 */
export async function editConfigFile(paths: WorkspacePaths, edit: (text: string) => string): Promise<ConfigEdit> {
	const lock = lockConfiguration(paths);
	try {
		const found = findConfigFile(paths.configFiles);
		const [first = ""] = paths.configFiles;
		const file = found?.path ?? first;
		const before = found ? readRegularFile(file, { maxBytes: MAX_CONFIG_BYTES }).toString() : "";
		const after = edit(before);
		if (after !== before) await write(found ? linkedTo(file) : file, after);
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

async function write(file: string, text: string): Promise<void> {
	const folder = ConfinedFolder.at(dirname(file));
	await folder.replace(FileName.found(basename(file)), text, { maxBytes: MAX_CONFIG_BYTES });
}

/** Workspaces are synced, and links come along: one that leads to no configuration must not have it overwritten. */
function linkedTo(file: string): string {
	const real = realpathSync(file);
	if (/\.ya?ml$/i.test(real)) return real;
	throw new RefusedFile("symbolic_link", `${file} is a link to ${real}, which is no YAML file; it was not changed`);
}
