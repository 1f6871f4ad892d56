import { mkdtempSync, realpathSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { invalidRequest, RequestError } from "@signet/core";

/** Where commands may run. */
export interface AllowedFolders {
	/** With all that is in them. */
	readonly allowed: readonly string[];
	/** And yet not these, nor what is in them. */
	readonly forbidden: readonly string[];
}

/** The folder that was asked for, as it really is. Throws when it is none, or when commands must not run there. */
export function demandFolder(folder: string, { allowed, forbidden }: AllowedFolders): string {
	if (!isAbsolute(folder)) throw invalidRequest(`cwd must be an absolute path, not ${JSON.stringify(folder)}`);
	const real = realFolder(folder);
	if (real === undefined) throw invalidRequest(`cwd: there is no folder ${folder}`);
	const isBelow = (root: string) => {
		const realRoot = realFolder(root);
		return realRoot !== undefined && isIn(real, realRoot);
	};
	if (allowed.some(isBelow) && !forbidden.some(isBelow)) return real;
	throw new RequestError(
		403,
		"folder_not_allowed",
		`Commands with secrets must not run in ${folder}; secrets.folders in the configuration says where they may`,
	);
}

function realFolder(folder: string): string | undefined {
	try {
		const real = realpathSync(folder);
		return statSync(real).isDirectory() ? real : undefined;
	} catch {
		return undefined;
	}
}

function isIn(path: string, root: string): boolean {
	const way = relative(root, path);
	return way === "" || !(way === ".." || way.startsWith("../") || way.startsWith("..\\") || isAbsolute(way));
}

/** A folder that is nobody else's, and goes with what it was made for; what cannot be removed stays where such things lie. */
export function makeTemporaryFolder(): AsyncDisposable & { readonly path: string } {
	const path = mkdtempSync(join(tmpdir(), "signet-command-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }).catch(() => undefined) };
}
