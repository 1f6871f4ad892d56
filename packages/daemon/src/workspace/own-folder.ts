import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartupError } from "@signet/core";

const WRITABLE_BY_ALL = 0o002;
/** Only whoever owns something in such a folder may exchange it. */
const STICKY = 0o1000;
const SUPERUSER = 0;

/**
 * Throws a `StartupError` when anybody else could exchange a workspace, or what is in it, for something of theirs: when
 * it, or a folder above it, may be written by all users of this machine or belongs to another one.
 */
export function demandOwnFolder(root: string): void {
	const self = process.getuid?.();
	// Windows has no such modes: a profile's folder is private there.
	if (self === undefined) return;
	for (let folder = realFolder(root); ; folder = dirname(folder)) {
		refuse(folder, statSync(folder), self, root);
		if (folder === dirname(folder)) return;
	}
}

function refuse(folder: string, { mode, uid }: Stats, self: number, root: string): void {
	if ((mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0) {
		throw new StartupError(
			`Every user of this machine can put something else in the place of ${root}: ${folder} may be written by all`,
			`Take that away from them with \`chmod o-w ${folder}\`, and start again.`,
		);
	}
	// The superuser may use what is anybody's, and is trusted by everybody.
	if (self === SUPERUSER || uid === self || uid === SUPERUSER) return;
	throw new StartupError(
		`${folder} belongs to another user of this machine, who can put something else in the place of ${root}`,
		"Start the daemon as that user, or set SIGNET_PATH to a folder of your own.",
	);
}

/** As it really is; as long as it is not there, the folder that it will be in. */
function realFolder(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return dirname(path) === path ? path : realFolder(dirname(path));
	}
}
