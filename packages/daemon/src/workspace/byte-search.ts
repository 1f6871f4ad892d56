import { open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
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

/** Look for texts in every byte of every file below a folder, small and capital letters of ASCII alike. Gives way to other work. */
export async function searchBytes(
	folder: string,
	texts: readonly string[],
	timers: Pick<World["timers"], "yield">,
): Promise<ByteSearch> {
	const needles = [...new Set(texts.map((text) => foldAscii(Buffer.from(text).subarray(0, MAX_NEEDLE_BYTES))))];
	const overlap = Math.max(0, ...needles.map((needle) => needle.length)) - 1;
	const search = { files: 0, bytes: 0, found: [] as { file: string; offset: number }[], unread: [] as string[] };
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		try {
			search.bytes += await searchFile(path, needles, overlap, timers, (offset) => {
				if (search.found.length < MAX_FOUND) search.found.push({ file: relative(folder, path), offset });
			});
			search.files++;
		} catch {
			search.unread.push(relative(folder, path));
		}
	}
	return search;
}

/** Resolves to the length of the file. */
async function searchFile(
	path: string,
	needles: readonly string[],
	overlap: number,
	timers: Pick<World["timers"], "yield">,
	onFound: (offset: number) => void,
): Promise<number> {
	const file = await open(path, "r");
	try {
		const buffer = Buffer.alloc(CHUNK_BYTES);
		for (let from = 0; ; ) {
			const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, from);
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
	} finally {
		await file.close();
	}
}

/** Bytes as a text of one character each. */
function foldAscii(bytes: Buffer): string {
	return bytes.toString("latin1").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
