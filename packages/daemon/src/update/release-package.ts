import { createHash, createPublicKey, verify } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as z from "zod/mini";
import { UpdateProblem } from "./update-problem.ts";

/** An executable is about 120 MB today. */
const MAX_UNPACKED_BYTES = 600 * 1024 * 1024;
/** What comes before the 32 bytes of an Ed25519 key in the form that Node reads (RFC 8410). */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Says, signed by the makers, what the executable beside it is. */
const statement = () =>
	z.object({
		name: z.literal("signet"),
		version: z.string(),
		/** As `process.platform` and `process.arch`, with a dash between. */
		machine: z.string(),
		/** Lower-case hex. */
		sha256: z.string(),
	});

export interface Expected {
	readonly version: string;
	readonly machine: string;
	/** `sha512-` and the digest in base64, as the registry has it. */
	readonly integrity: string;
	/** Ed25519 public keys in base64, of which one must have signed it. */
	readonly keys: readonly string[];
}

/** An executable that is proved to be what it says. */
export interface ProvedExecutable {
	readonly bytes: Uint8Array;
	/** Lower-case hex. */
	readonly sha256: string;
}

/**
 * The executable in a package, if the package is the one that the registry published, and the executable the one that
 * the makers signed: for this version and this kind of machine. Rejects with an `UpdateProblem`.
 */
export async function openPackage(tarball: Uint8Array, expected: Expected): Promise<ProvedExecutable> {
	const { version, machine, integrity, keys } = expected;
	if (`sha512-${createHash("sha512").update(tarball).digest("base64")}` !== integrity) {
		throw new UpdateProblem(`Version ${version} was not taken: what came is not what the registry says it published`);
	}
	const files = await unpack(tarball);
	const text = files.get("package/release.json");
	const signature = files.get("package/release.json.sig");
	if (!text || !signature || !isSigned(text, Buffer.from(signature).toString().trim(), keys)) {
		throw new UpdateProblem(`Version ${version} was not taken: it is not signed by the makers of this program`);
	}
	const said = statement().safeParse(JSON.parse(Buffer.from(text).toString()));
	if (!said.success || said.data.version !== version || said.data.machine !== machine) {
		throw new UpdateProblem(
			`Version ${version} was not taken: what is in it is another version, or for other machines`,
		);
	}
	const bytes = files.get(machine.startsWith("win32") ? "package/bin/signet.exe" : "package/bin/signet");
	const sha256 = createHash("sha256")
		.update(bytes ?? "")
		.digest("hex");
	if (!bytes || sha256 !== said.data.sha256) {
		throw new UpdateProblem(`Version ${version} was not taken: its executable is not the one that was signed`);
	}
	return { bytes, sha256 };
}

function isSigned(text: Uint8Array, signature: string, keys: readonly string[]): boolean {
	if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) return false;
	return keys.some((key) => {
		const raw = Buffer.from(key, "base64");
		if (raw.length !== 32) return false;
		const publicKey = createPublicKey({ key: Buffer.concat([ED25519_PREFIX, raw]), format: "der", type: "spki" });
		return verify(null, text, publicKey, Buffer.from(signature, "base64"));
	});
}

async function unpack(tarball: Uint8Array): Promise<Map<string, Uint8Array>> {
	try {
		const tar = gunzipSync(tarball, { maxOutputLength: MAX_UNPACKED_BYTES });
		const files = await new Bun.Archive(tar).files();
		return new Map(await Promise.all([...files].map(async ([name, file]) => [name, await file.bytes()] as const)));
	} catch {
		throw new UpdateProblem("The package cannot be unpacked, or holds more than it may");
	}
}
