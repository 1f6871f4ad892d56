import { ExitCode, messageOf, StartupError } from "@signet/core";
import { typed } from "./environment.ts";
import { style } from "./terminal.ts";

/** A command cannot do what it was asked. */
export class CommandError extends Error {
	override readonly name = "CommandError";
	constructor(
		message: string,
		readonly exitCode: ExitCode,
		/** What the person can do. */
		readonly advice?: string,
	) {
		super(message);
	}
}

/** An answer of the daemon is not what commands read of it; by name, so that the daemon itself need not load the parser. */
function isNotUnderstood(error: unknown): error is Error {
	return error instanceof Error && error.name === "$ZodError";
}

function notUnderstood(error: Error): CommandError {
	if (process.env.SIGNET_DEBUG) console.error(error.message);
	return new CommandError(
		"The daemon answered what this program does not understand",
		ExitCode.failure,
		`They may be of different versions: \`${typed("status")}\` shows that of the daemon, \`${typed("--version")}\` that of this program.`,
	);
}

/** Say what went wrong and what to do, to people on standard error, to programs as JSON; gives the exit status. */
export function report(thrown: unknown, isForProgram = false): ExitCode {
	const error = isNotUnderstood(thrown) ? notUnderstood(thrown) : thrown;
	if (isForProgram) {
		const isOurs = error instanceof CommandError || error instanceof StartupError;
		const exitCode = isOurs ? error.exitCode : ExitCode.failure;
		console.log(
			JSON.stringify({ error: messageOf(error), ...(isOurs && error.advice && { advice: error.advice }), exitCode }),
		);
		return exitCode;
	}
	if (error instanceof CommandError || error instanceof StartupError) {
		console.error(`${style.error("signet:")} ${error.message}`);
		if (error.advice) console.error(style.dim(error.advice));
		return error.exitCode;
	}
	console.error(`${style.error("signet:")} ${messageOf(error)}`);
	if (process.env.SIGNET_DEBUG && error instanceof Error) console.error(error.stack);
	return ExitCode.failure;
}
