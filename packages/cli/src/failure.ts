import { ExitCode, messageOf, StartupError } from "@signet/core";
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

/** Say on standard error what went wrong and what to do; gives the exit status. */
export function report(error: unknown): ExitCode {
	if (error instanceof CommandError || error instanceof StartupError) {
		console.error(`${style.error("signet:")} ${error.message}`);
		if (error.advice) console.error(style.dim(error.advice));
		return error.exitCode;
	}
	console.error(`${style.error("signet:")} ${messageOf(error)}`);
	if (process.env.SIGNET_DEBUG && error instanceof Error) console.error(error.stack);
	return ExitCode.failure;
}
