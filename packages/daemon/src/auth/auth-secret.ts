import { chmodSync, lstatSync, readFileSync, rmSync } from "node:fs";
import { isoTime, parseTime, StartupError, type WorkspacePaths, type World } from "@signet/core";
import * as z from "zod/mini";
import { writeDurably } from "../workspace/runtime-files.ts";

const SECRET_BYTES = 32;
const OTHERS = 0o077;

type SecretPaths = Pick<WorkspacePaths, "authSecretFile" | "previousAuthSecretFile">;

/** The keys that tokens are marked with. */
export interface AuthSecret {
	/** Marks new ones. */
	readonly current: Uint8Array;
	/** Has marked those from before the last rotation, which hold for a while. */
	readonly previous?: { readonly key: Uint8Array /** Milliseconds since the epoch. */; readonly untilMs: number };
}

/**
 * The keys of a workspace; the first time, one is made. Throws a `StartupError` for what is no key: to make another one
 * instead would end all tokens without anybody having asked for it, and a short one could be guessed.
 */
export function openAuthSecret(paths: SecretPaths, { random }: Pick<World, "random">): AuthSecret {
	const { authSecretFile: file } = paths;
	if (!isThere(file)) writeDurably(file, random.bytes(SECRET_BYTES));
	const current = readPrivately(file);
	if (current.length !== SECRET_BYTES) {
		throw new StartupError(
			`${file} has ${current.length} bytes, and the key of tokens has exactly ${SECRET_BYTES}`,
			"Put the right file back, or remove this one: then a new key is made, and no token from before holds any more.",
		);
	}
	const previous = readPrevious(paths);
	return { current, ...(previous && { previous }) };
}

/** Make a new key; tokens of the one until now hold until then, in milliseconds since the epoch. */
export function rotateAuthSecret(
	paths: SecretPaths,
	{ current }: AuthSecret,
	untilMs: number,
	{ random, clock }: Pick<World, "random" | "clock">,
): AuthSecret {
	const next = random.bytes(SECRET_BYTES);
	const hasGrace = untilMs > clock.now();
	if (hasGrace) {
		const key = Buffer.from(current).toString("base64url");
		writeDurably(paths.previousAuthSecretFile, `${JSON.stringify({ key, until: isoTime(untilMs) })}\n`);
	} else rmSync(paths.previousAuthSecretFile, { force: true });
	writeDurably(paths.authSecretFile, next);
	return { current: next, ...(hasGrace && { previous: { key: current, untilMs } }) };
}

/** Says which key it is, and nothing that would help to guess it. */
export function nameOfKey(key: Uint8Array): string {
	return new Bun.CryptoHasher("sha256").update("signet key ").update(key).digest("hex").slice(0, 12);
}

function readPrevious({ previousAuthSecretFile: file }: SecretPaths): AuthSecret["previous"] {
	if (!isThere(file)) return undefined;
	const schema = z.object({ key: z.string(), until: z.string() });
	try {
		const { key, until } = schema.parse(JSON.parse(readPrivately(file).toString()));
		const bytes = Buffer.from(key, "base64url");
		const untilMs = parseTime(until);
		// Without it tokens from before the rotation do not hold, which is what a rotation is for.
		return bytes.length === SECRET_BYTES && untilMs !== undefined ? { key: bytes, untilMs } : undefined;
	} catch (error) {
		if (error instanceof StartupError) throw error;
		return undefined;
	}
}

/** The bytes of a file that is nobody else's business, and no link to somewhere else. */
function readPrivately(file: string): Buffer {
	const stats = lstatSync(file);
	const advice = "Remove it, and start again.";
	if (!stats.isFile()) throw new StartupError(`${file} is no file`, advice);
	const self = process.getuid?.();
	if (self !== undefined && stats.uid !== self && self !== 0) {
		throw new StartupError(`${file} belongs to another user, who could make tokens`, advice);
	}
	if ((stats.mode & OTHERS) !== 0) chmodSync(file, 0o600);
	return readFileSync(file);
}

function isThere(file: string): boolean {
	return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
