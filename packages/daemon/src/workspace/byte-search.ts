import { close, open, read, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { World } from "@signet/core";

/** Read in one go. What is longer cannot be found across a seam. */
const CHUNK_BYTES = 1024 * 1024;
const MAX_NEEDLE_BYTES = CHUNK_BYTES / 2;
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

/** Look for texts in every byte of every file below a folder, small and capital letters of ASCII alike. Gives way to other work. */
export async function searchBytes(
	folder: string,
	texts: readonly string[],
	{ timers, locked }: { timers: Pick<World["timers"], "yield">; locked: LockedFiles },
): Promise<ByteSearch> {
	const needles = [...new Set(texts.map((text) => foldAscii(Buffer.from(text).subarray(0, MAX_NEEDLE_BYTES))))];
	const overlap = Math.max(0, ...needles.map((needle) => needle.length)) - 1;
	const search = { files: 0, bytes: 0, found: [] as { file: string; offset: number }[], unread: [] as string[] };
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		try {
			const onFound = (offset: number) => {
				if (search.found.length < MAX_FOUND) search.found.push({ file: relative(folder, path), offset });
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
		for (const needle of needles) {
			// What ends within the overlap was found before.
			const at = chunk.indexOf(needle, from === 0 ? 0 : Math.max(0, overlap - needle.length + 1));
			if (at >= 0) onFound(from + at);
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
