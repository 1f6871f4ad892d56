import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { explained } from "./anchored-folder.ts";
import { RefusedFile } from "./refused-file.ts";

const FIRST_READ_BYTES = 64 * 1024;

/**
 * The bytes of a regular file that its owner named, by a path that may be a link: a configuration may lie among other
 * ones and be linked to. Throws a `RefusedFile` for a folder, a pipe, a device, and what has more than `maxBytes`.
 */
export function readRegularFile(path: string, { maxBytes }: { maxBytes: number }): Buffer {
	let descriptor: number;
	try {
		// A pipe would keep us waiting for whoever writes.
		descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	} catch (error) {
		throw explained(error, path);
	}
	try {
		return readDescriptor(descriptor, fstatSync(descriptor), path, maxBytes);
	} finally {
		closeSync(descriptor);
	}
}

/** All that an open file has. It is not trusted to have as much as it says: it may grow meanwhile. */
export function readDescriptor(descriptor: number, stats: Stats, shown: string, maxBytes: number): Buffer {
	if (!stats.isFile()) throw new RefusedFile("not_a_file", `${shown} is no regular file`);
	if (stats.size > maxBytes) throw tooMany(shown, stats.size, maxBytes);
	let buffer = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(stats.size, FIRST_READ_BYTES)) + 1);
	let length = 0;
	for (;;) {
		const bytesRead = readSync(descriptor, buffer, length, buffer.length - length, null);
		if (bytesRead === 0) return buffer.subarray(0, length);
		length += bytesRead;
		if (length > maxBytes) throw tooMany(shown, length, maxBytes);
		if (length === buffer.length) {
			buffer = Buffer.concat([buffer], Math.min(maxBytes + 1, 2 * buffer.length));
		}
	}
}

function tooMany(shown: string, bytes: number, maxBytes: number): RefusedFile {
	return new RefusedFile("file_too_large", `${shown} has ${bytes} bytes; at most ${maxBytes} are read`);
}
