import { readFile, stat } from "node:fs/promises";
import { messageOf, RequestError } from "@signet/core";
import type { KnownPassphrase } from "./passphrase.ts";

const FILE = "SIGNET_SECRETS_PASSPHRASE_FILE";
const TEXT = "SIGNET_SECRETS_PASSPHRASE";

/**
 * The passphrase that the environment says, or the file that it names, such as a credential of the service manager.
 * Throws a `RequestError` when that file cannot be used.
 */
export async function passphraseIn(
	env: Readonly<Record<string, string | undefined>>,
): Promise<KnownPassphrase | undefined> {
	const file = env[FILE];
	if (file) return { text: await passphraseInFile(file), from: `what ${FILE} names` };
	const text = env[TEXT];
	return text ? { text, from: TEXT } : undefined;
}

/** The first line of a file that is its owner's alone. Throws a `RequestError` for any other. */
export async function passphraseInFile(file: string): Promise<string> {
	try {
		if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0) {
			throw unusable(`${file} can be read by other users of this machine: chmod 600 ${file}`);
		}
		const [line = ""] = (await readFile(file, "utf8")).split(/\r?\n/);
		if (line === "") throw unusable(`${file} is empty`);
		return line;
	} catch (error) {
		if (error instanceof RequestError) throw error;
		const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
		throw unusable(isMissing ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(error)}`);
	}
}

function unusable(why: string): RequestError {
	return new RequestError(503, "passphrase_unusable", `The passphrase cannot be used: ${why}`);
}
