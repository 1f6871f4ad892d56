import { messageOf, RequestError, StartupError } from "@signet/core";

/** Whatever kept the daemon from starting, in words for whoever started it. */
export function startFailure(error: unknown, root: string): unknown {
	if (error instanceof RequestError) return new StartupError(error.message, "Mend that and start again.");
	if (error instanceof Error && "syscall" in error && error.syscall === "mkdir" && isInTheWay(error)) {
		return new StartupError(
			`The workspace ${root} cannot be made: ${messageOf(error)}`,
			"Set SIGNET_PATH to a folder, or to where one can be made.",
		);
	}
	switch (error instanceof Error && "code" in error ? error.code : undefined) {
		case "ENOSPC":
		case "EDQUOT":
			return new StartupError(
				`The disk is full: nothing can be written to ${root}`,
				"Free some space and start again. What was remembered before is safe.",
			);
		case "EACCES":
		case "EPERM":
		case "EROFS":
			return new StartupError(
				`The workspace ${root} cannot be written: ${messageOf(error)}`,
				"Make it yours and writable (chmod -R u+rwX), or set SIGNET_PATH to another one.",
			);
		default:
			return error;
	}
}

/** A file stands where a folder should be, or in a place that takes none. */
function isInTheWay(error: Error): boolean {
	return "code" in error && ["ENOENT", "ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG"].includes(String(error.code));
}
