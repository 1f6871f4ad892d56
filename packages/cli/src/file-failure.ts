import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { ExitCode, messageOf } from "@signet/core";
import { CommandError } from "./failure.ts";

/**
 * Why a file or folder could not be written, in words for a person: what the system says names a call and a number. What
 * is no failure of the file system comes back as it is.
 */
export function writeFailure(error: unknown, path: string): unknown {
	if (!isOfFileSystem(error)) return error;
	const parent = dirname(path);
	const failed = (why: string, advice: string, exitCode: ExitCode = ExitCode.failure) =>
		new CommandError(`${path} cannot be written: ${why}`, exitCode, advice);
	switch (error.code) {
		case "ENOENT":
			if (existsSync(parent)) return failed(`${parent} takes no files`, "Name another place.");
			return failed(`there is no folder ${parent}`, `Make it first (mkdir -p ${parent}), or name another place.`);
		case "ENOTDIR":
			return failed("a part of that path is a file, and no folder", "Name another place.");
		case "EEXIST":
			return failed("there is a file in the way", "Name another place, or remove it first.", ExitCode.conflict);
		case "EACCES":
		case "EPERM":
			return failed("you may not write there", "Name a place that is yours.");
		case "EROFS":
			return failed("nothing can be written there, it is read-only", "Name another place.");
		case "ENOSPC":
		case "EDQUOT":
			return failed("the disk is full", "Free some space, or name a place on another disk.");
		case "ENAMETOOLONG":
			return failed("the name is too long", "Name another place.");
		default:
			return failed(messageOf(error), "Name another place.");
	}
}

/** Why a file or folder could not be read, as `writeFailure` says it of writing. */
export function readFailure(error: unknown, path: string): unknown {
	if (!isOfFileSystem(error)) return error;
	const place = typeof error.path === "string" ? error.path : path;
	switch (error.code) {
		case "ENOENT":
		case "ENOTDIR":
			return new Error(`${place} is not there`);
		case "EISDIR":
			return new Error(`${place} is a folder, or has one where a file is expected`);
		case "EACCES":
		case "EPERM":
			return new Error(`${place} cannot be read: you may not`);
		default:
			return new Error(`${place} cannot be read: ${messageOf(error)}`);
	}
}

function isOfFileSystem(error: unknown): error is Error & { readonly code: unknown; readonly path?: unknown } {
	return error instanceof Error && "code" in error && "syscall" in error;
}
