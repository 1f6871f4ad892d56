import { ExitCode } from "@signet/core";
import { CommandError } from "./failure.ts";

const ENTER = ["\r", "\n"];
const INTERRUPT = "\u0003";
const END = "\u0004";
const BACKSPACES = ["\u007f", "\b"];

/** Whether somebody is there who can be asked. */
export function canAsk(): boolean {
	return process.stdin.isTTY === true;
}

/** Ask for a line that nobody looking on is to see. Only where `canAsk`. Throws when it is broken off. */
export async function askHidden(question: string): Promise<string> {
	const { stdin, stderr } = process;
	stderr.write(`${question}: `);
	stdin.setRawMode(true);
	stdin.resume();
	stdin.setEncoding("utf8");
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	let line: string[] = [];
	// What is pasted comes at once, what is typed sign by sign.
	const take = (typed: string) => {
		for (const sign of typed) {
			if (sign === INTERRUPT) return reject(new CommandError("Nothing was done", ExitCode.failure));
			if (ENTER.includes(sign) || sign === END) return resolve(line.join(""));
			if (BACKSPACES.includes(sign)) line = line.slice(0, -1);
			else line.push(sign);
		}
	};
	stdin.on("data", take);
	try {
		return await promise;
	} finally {
		stdin.off("data", take);
		stdin.setRawMode(false);
		stdin.pause();
		stderr.write("\n");
	}
}

/** What comes in on standard input. A single line has no line break at its end; several keep theirs. */
export async function pipedText(): Promise<string> {
	const text = await Bun.stdin.text();
	return text.replace(/^([^\r\n]*)\r?\n$/, "$1");
}
