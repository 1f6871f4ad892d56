import { createInterface } from "node:readline/promises";
import { ExitCode } from "@signet/core";
import type { CommonOptions } from "./environment.ts";
import { CommandError } from "./failure.ts";

export interface ConfirmOptions extends CommonOptions {
	/** `--yes`: do not ask. */
	readonly yes?: boolean;
}

/** Ask before something is done that is hard to undo. Throws unless the answer is yes, or nobody is there to ask. */
export async function confirm(question: string, { yes, json }: ConfirmOptions): Promise<void> {
	if (yes) return;
	if (json || !process.stdin.isTTY) {
		throw new CommandError(
			"Nobody is there to be asked, and nothing was done",
			ExitCode.usage,
			"Say --yes to do it without being asked.",
		);
	}
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	try {
		const answer = await terminal.question(`${question} [y/N] `);
		if (/^y(es)?$/i.test(answer.trim())) return;
	} finally {
		terminal.close();
	}
	throw new CommandError("Nothing was done", ExitCode.failure);
}
