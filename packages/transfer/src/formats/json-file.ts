import { statSync } from "node:fs";
import { messageOf } from "@signet/core";

/** A JSON file is read as a whole. */
const MAX_JSON_BYTES = 512 * 1024 * 1024;

/** Throws when the file is too large or no JSON. */
export async function readJson(path: string): Promise<unknown> {
	const { size } = statSync(path);
	if (size > MAX_JSON_BYTES) throw new Error(`${path} has ${size} bytes; at most ${MAX_JSON_BYTES} are read`);
	try {
		return JSON.parse((await Bun.file(path).text()).replace(/^\uFEFF/, ""));
	} catch (error) {
		throw new Error(`${path} is no JSON: ${messageOf(error)}`);
	}
}
