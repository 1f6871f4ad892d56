import { createReadStream, fstatSync, statSync } from "node:fs";
import type { Found, JsonObject, Progress } from "./found.ts";
import { isObject } from "./found.ts";

/** Longer lines are no memories. */
const MAX_LINE_BYTES = 4_000_000;
const NEWLINE = 10;

export interface Line {
	/** From 1. */
	readonly number: number;
	/** Why it is no text, or the text. */
	readonly text: string | undefined;
	readonly why?: string;
}

/** A file by its path, or by a descriptor, which is closed with the last piece. */
export type FileToRead = string | number;

/** The bytes of a file, a piece at a time. */
export function piecesOf(file: FileToRead): AsyncIterable<Uint8Array> {
	return typeof file === "string" ? Bun.file(file).stream() : createReadStream("", { fd: file, start: 0 });
}

/** The lines of a text file, a piece of the file at a time; blank ones are left out. */
export async function* linesOf(file: FileToRead, progress: Progress): AsyncGenerator<Line> {
	progress.total += (typeof file === "string" ? statSync(file) : fstatSync(file)).size;
	let number = 0;
	let parts: Uint8Array[] = [];
	let length = 0;
	const add = (bytes: Uint8Array) => {
		length += bytes.byteLength;
		// Of one that is too long nobody wants more.
		if (length <= MAX_LINE_BYTES) parts.push(bytes);
		else parts = [];
	};
	const end = (): Line | undefined => {
		const line = length > MAX_LINE_BYTES ? TOO_LONG : decoded(parts);
		number++;
		parts = [];
		length = 0;
		return line.text?.trim() === "" ? undefined : { number, ...line };
	};
	for await (const bytes of piecesOf(file)) {
		progress.done += bytes.byteLength;
		let from = 0;
		for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
			add(bytes.subarray(from, to));
			const line = end();
			if (line) yield line;
			from = to + 1;
		}
		// The stream may use its piece again.
		if (from < bytes.byteLength) add(bytes.slice(from));
	}
	const last = end();
	if (last) yield last;
}

const TOO_LONG = { text: undefined, why: `the line has more than ${MAX_LINE_BYTES} bytes` } as const;
const NO_TEXT = { text: undefined, why: "the line is no UTF-8 text" } as const;

function decoded(parts: readonly Uint8Array[]): Pick<Line, "text" | "why"> {
	const [only] = parts;
	try {
		const decoder = new TextDecoder("utf-8", { fatal: true });
		return { text: decoder.decode(parts.length === 1 && only ? only : Buffer.concat(parts)) };
	} catch {
		return NO_TEXT;
	}
}

/** The objects of a file that has one in each line, and the lines that are none. */
export async function* objectsOf(
	file: FileToRead,
	progress: Progress,
): AsyncGenerator<{ readonly key: string; readonly object: JsonObject } | Extract<Found, { why: string }>> {
	for await (const { number, text, why = "the line is no text" } of linesOf(file, progress)) {
		const key = `line ${number}`;
		if (text === undefined) {
			yield { key, why };
			continue;
		}
		try {
			// Some programs begin a file with a mark that says nothing.
			const object: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
			yield isObject(object) ? { key, object } : { key, why: "the line is no JSON object" };
		} catch {
			// What the parser says quotes the line, and the account of an import is kept.
			yield { key, why: "the line is no JSON" };
		}
	}
}
