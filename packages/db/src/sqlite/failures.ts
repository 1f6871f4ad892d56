import { SQLiteError } from "bun:sqlite";
import { messageOf, RequestError, StartupError } from "@signet/core";

/** The file cannot be opened or brought up to date: say which file, why, and what to do. */
export function startupFailure(error: unknown, file: string): StartupError {
	if (error instanceof StartupError) return error;
	switch (codeOf(error).split("_")[1]) {
		case "FULL":
			return new StartupError(
				`The disk is full: ${file} cannot be written`,
				"Free some space and start again. Nothing was changed.",
			);
		case "READONLY":
			return new StartupError(
				`${file} cannot be written`,
				"Make the file and its folder writable for you (chmod u+w), or move the workspace to a writable disk.",
			);
		case "CORRUPT":
		case "NOTADB":
			return new StartupError(
				`${file} is damaged: SQLite says "${messageOf(error)}"`,
				"The file was left as it is. Put back a backup: the files memories.db.bak-* beside it are complete copies, the newest last. To look into the file yourself: sqlite3 memories.db .recover",
			);
		case "CANTOPEN":
		case "PERM":
		case "AUTH":
			return new StartupError(
				`${file} cannot be opened: ${messageOf(error)}`,
				"Check that the folder exists, belongs to you and is writable, or set SIGNET_PATH to another workspace.",
			);
		case "BUSY":
		case "LOCKED":
			return new StartupError(
				`Another program is using ${file}`,
				"Close it (another daemon, an import, a database browser) and start again.",
			);
		default:
			return new StartupError(`${file} cannot be used: ${messageOf(error)}`, "Nothing was changed.");
	}
}

/** A statement failed while serving: tell the client what its request met, or pass on what is our own defect. */
export function requestFailure(error: unknown): unknown {
	switch (codeOf(error).split("_")[1]) {
		case "FULL":
			return storageFailure(
				"storage_full",
				"The disk is full; nothing was stored. Free some space and send the request again.",
				error,
			);
		case "READONLY":
			return storageFailure("storage_read_only", "The database cannot be written; nothing was stored.", error);
		case "IOERR":
			return storageFailure("storage_failed", "The disk failed; nothing was stored. See the daemon's log.", error);
		case "BUSY":
		case "LOCKED":
			return storageFailure("storage_busy", "Another program holds the database; send the request again.", error);
		default:
			return error;
	}
}

/** Whether a row was refused because another has the same unique value. */
export function isUniqueViolation(error: unknown): boolean {
	return codeOf(error) === "SQLITE_CONSTRAINT_UNIQUE" || codeOf(error) === "SQLITE_CONSTRAINT_PRIMARYKEY";
}

/** Why a row was refused by a column of its table, which may be as any program has made it; undefined for other failures. */
export function refusedByColumn(error: unknown): string | undefined {
	const [, column] = /constraint failed: (?:\w+\.)?(.+)$/.exec(messageOf(error)) ?? [];
	switch (codeOf(error)) {
		case "SQLITE_CONSTRAINT_NOTNULL":
			return `${column} must not be empty`;
		case "SQLITE_CONSTRAINT_CHECK":
		case "SQLITE_CONSTRAINT_DATATYPE":
			return `${column} has a value that its column does not take`;
		default:
			return undefined;
	}
}

/** Whether the disk, and not the statement, is at fault. */
export function isStorageFailure(error: unknown): boolean {
	return ["FULL", "IOERR", "READONLY", "BUSY", "LOCKED"].includes(codeOf(error).split("_")[1] ?? "");
}

/** Whether the file is no database, or none any more. What is wrong with a virtual table is not wrong with the file. */
export function isUnreadable(error: unknown): boolean {
	const code = codeOf(error);
	return code !== "SQLITE_CORRUPT_VTAB" && ["NOTADB", "CORRUPT"].includes(code.split("_")[1] ?? "");
}

function codeOf(error: unknown): string {
	return error instanceof SQLiteError ? (error.code ?? "") : "";
}

function storageFailure(code: string, message: string, cause: unknown): RequestError {
	const failure = new RequestError(503, code, message);
	failure.cause = cause;
	return failure;
}
