import { close, open, read, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { World } from "@signet/core";

/** Read in one go. What is longer cannot be found across a seam. */
const CHUNK_BYTES = 1024 * 1024;
const MAX_NEEDLE_BYTES = CHUNK_BYTES / 2;
/** White space beyond this between the words of a text hides it across a seam; in bytes. */
const MAX_BLANKS = 4096;
/** More places than this say nothing new. */
const MAX_FOUND = 100;

export interface ByteSearch {
	readonly files: number;
	readonly bytes: number;
	/** Where something was found: the file, within the folder, and the place in it. */
	readonly found: readonly { readonly file: string; readonly offset: number }[];
	/** Files that could not be read. */
	readonly unread: readonly string[];
}

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Files that are locked by this process must not be closed, however they were opened: the operating system takes all
 * locks back with the first descriptor that is closed. They are opened once, and stay open.
 */
export class LockedFiles {
	readonly #open = new Map<string, Promise<number>>();

	constructor(private readonly paths: readonly string[]) {}

	has(path: string): boolean {
		return this.paths.includes(path);
	}

	/** A descriptor that is never closed; another one when another file has taken the place of the first. */
	descriptorOf(path: string): Promise<number> {
		const { ino, dev } = statSync(path, { bigint: true });
		const key = `${dev}/${ino}`;
		const known = this.#open.get(key) ?? openFile(path, "r");
		this.#open.set(key, known);
		return known;
	}
}

/**
 * Look for texts in every byte of every file below a folder, small and capital letters of ASCII alike, and whatever white
 * space stands between the words: memories are kept with one blank there. Gives way to other work.
 */
export async function searchBytes(
	folder: string,
	texts: readonly string[],
	{ timers, locked }: { timers: Pick<World["timers"], "yield">; locked: LockedFiles },
): Promise<ByteSearch> {
	const folded = texts.map((text) => condense(foldAscii(Buffer.from(text).subarray(0, MAX_NEEDLE_BYTES))));
	const needles = [...new Set(folded)].filter((needle) => needle.trim() !== "");
	const overlap = Math.max(0, ...needles.map((needle) => needle.length)) + MAX_BLANKS;
	const search = { files: 0, bytes: 0, found: [] as { file: string; offset: number }[], unread: [] as string[] };
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		try {
			const places = new Set<number>();
			const onFound = (offset: number) => {
				if (places.has(offset) || search.found.length >= MAX_FOUND) return;
				places.add(offset);
				search.found.push({ file: relative(folder, path), offset });
			};
			const isLocked = locked.has(path);
			const file = await (isLocked ? locked.descriptorOf(path) : openFile(path, "r"));
			try {
				search.bytes += await searchFile(file, needles, overlap, timers, onFound);
			} finally {
				if (!isLocked) await closeFile(file);
			}
			search.files++;
		} catch {
			search.unread.push(relative(folder, path));
		}
	}
	return search;
}

/** Resolves to the length of the file. */
async function searchFile(
	file: number,
	needles: readonly string[],
	overlap: number,
	timers: Pick<World["timers"], "yield">,
	onFound: (offset: number) => void,
): Promise<number> {
	const buffer = Buffer.alloc(CHUNK_BYTES);
	for (let from = 0; ; ) {
		const bytesRead = await readAt(file, buffer, from);
		const chunk = foldAscii(buffer.subarray(0, bytesRead));
		const condensed = condense(chunk);
		for (const needle of needles) {
			const at = condensed.indexOf(needle);
			if (at >= 0) onFound(from + placeBefore(chunk, at));
			// Once more behind what the chunk before had too.
			const next = at >= 0 && from > 0 && at < overlap ? condensed.indexOf(needle, at + 1) : -1;
			if (next >= 0) onFound(from + placeBefore(chunk, next));
			await timers.yield();
		}
		if (bytesRead < CHUNK_BYTES) return from + bytesRead;
		from += CHUNK_BYTES - overlap;
	}
}

/** Fill a buffer from a place in a file; resolves to how many bytes there were. */
function readAt(file: number, buffer: Buffer, from: number): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	read(file, buffer, 0, buffer.length, from, (error, bytes) => (error ? reject(error) : resolve(bytes)));
	return promise;
}

/** Bytes as a text of one character each. */
function foldAscii(bytes: Buffer): string {
	return bytes.toString("latin1").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const BLANKS = /[\t\n\v\f\r ]{2,}|[\t\n\v\f\r]/g;

/** One blank for any white space. */
function condense(text: string): string {
	return text.replace(BLANKS, " ");
}

/** Where in a text the character stands that is at `at` in the condensed one. */
function placeBefore(text: string, at: number): number {
	let removed = 0;
	for (const { 0: blanks, index } of text.matchAll(BLANKS)) {
		if (index - removed >= at) break;
		removed += blanks.length - 1;
	}
	return at + removed;
}
