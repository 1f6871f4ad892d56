import { statSync } from "node:fs";
import { messageOf } from "@signet/core";
import type { Found, JsonObject, Progress } from "./found.ts";
import { isObject } from "./found.ts";

/** Longer lines are no memories. */
const MAX_LINE_CHARS = 2_000_000;

export interface Line {
	/** From 1. */
	readonly number: number;
	/** Undefined when it is too long. */
	readonly text: string | undefined;
}

/** The lines of a text file, a piece of the file at a time; blank ones are left out. */
export async function* linesOf(path: string, progress: Progress): AsyncGenerator<Line> {
	progress.total += statSync(path).size;
	let number = 0;
	let rest = "";
	let isTooLong = false;
	const decoder = new TextDecoder();
	const line = (text: string): Line => ({
		number: ++number,
		text: isTooLong || text.length > MAX_LINE_CHARS ? undefined : text,
	});
	for await (const bytes of Bun.file(path).stream()) {
		progress.done += bytes.byteLength;
		const [first = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
		rest += first;
		for (const next of others) {
			const ended = line(rest);
			if (ended.text === undefined || ended.text.trim() !== "") yield ended;
			isTooLong = false;
			rest = next;
		}
		if (rest.length > MAX_LINE_CHARS) {
			isTooLong = true;
			rest = "";
		}
	}
	const last = line(rest);
	if (last.text === undefined || last.text.trim() !== "") yield last;
}

/** The objects of a file that has one in each line, and the lines that are none. */
export async function* objectsOf(
	path: string,
	progress: Progress,
): AsyncGenerator<{ readonly key: string; readonly object: JsonObject } | Extract<Found, { why: string }>> {
	for await (const { number, text } of linesOf(path, progress)) {
		const key = `line ${number}`;
		if (text === undefined) {
			yield { key, why: `the line has more than ${MAX_LINE_CHARS} characters` };
			continue;
		}
		try {
			// Some programs begin a file with a mark that says nothing.
			const object: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
			yield isObject(object) ? { key, object } : { key, why: "the line is no JSON object" };
		} catch (error) {
			yield { key, why: `the line is no JSON: ${messageOf(error)}` };
		}
	}
}
