/**
 * The two families of errors. A `RequestError` is made for whoever sent the request: its message says what was wrong
 * and what to do, and goes out as it is. A `StartupError` is made for whoever started the program. Anything else that
 * is thrown is a defect: it is logged with its stack and answered without internals.
 */
export class RequestError extends Error {
	override readonly name: string = "RequestError";
	constructor(
		/** HTTP status. */
		readonly status: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 414 | 415 | 429 | 431 | 500 | 503,
		/** Stable, snake_case. */
		readonly code: string,
		message: string,
		/** Whatever there is to list, such as the fields of a body that were refused. */
		readonly details?: unknown,
	) {
		super(message);
	}
}

/** 400: the request cannot mean anything; sending it again will not help. */
export function invalidRequest(message: string, details?: unknown): RequestError {
	return new RequestError(400, "invalid_request", message, details);
}

/** 404: nothing is known under that name. */
export function notFound(message: string): RequestError {
	return new RequestError(404, "not_found", message);
}

/** 409: the request contradicts what is stored. */
export function conflict(code: string, message: string, details?: unknown): RequestError {
	return new RequestError(409, code, message, details);
}

/** 413: longer than `limit`; both sizes are named so that the caller can cut. */
export function tooLarge(what: string, size: number, limit: number, unit: string): RequestError {
	return new RequestError(413, "too_large", `${what} has ${size} ${unit}; at most ${limit} are accepted`);
}

/** Exit statuses of the program, the same for every command. */
export const ExitCode = {
	ok: 0,
	failure: 1,
	usage: 2,
	daemonUnreachable: 3,
	notAuthorised: 4,
	notFound: 5,
	conflict: 6,
	/** Of the daemon: another process has the workspace and does not serve it, or no longer; later it may be free. */
	tryLater: 75,
	/** Of the daemon: it was started again and again and never came to serve. Starting it once more will not help. */
	crashLoop: 78,
	/** Of the daemon: it ended in order to be started again. */
	restart: 85,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The program cannot start or go on as asked. `advice` is what the person can do, one sentence or more. */
export class StartupError extends Error {
	override readonly name = "StartupError";
	constructor(
		message: string,
		readonly advice: string,
		readonly exitCode: ExitCode = ExitCode.failure,
	) {
		super(message);
	}
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : String(thrown);
}
