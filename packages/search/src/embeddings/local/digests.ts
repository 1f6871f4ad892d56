import { createReadStream } from "node:fs";

/** `sha256:` and 64 hex digits, or `git-sha1:` and 40, which is how Git names the content of a file. */
export type Digest = `sha256:${string}` | `git-sha1:${string}`;

/** The digest in an ETag of the Hub: the SHA-256 of a large file, Git's name of a small one; undefined if neither. */
export function digestOfTag(tag: string | undefined): Digest | undefined {
	const bare = tag?.replace(/^W\//, "").replaceAll('"', "").toLowerCase() ?? "";
	if (/^[0-9a-f]{64}$/.test(bare)) return `sha256:${bare}`;
	return /^[0-9a-f]{40}$/.test(bare) ? `git-sha1:${bare}` : undefined;
}

/** Makes a digest of the same kind as another one, of a content that comes in parts. */
export class DigestMaker {
	readonly #isGit: boolean;
	readonly #sha256 = new Bun.CryptoHasher("sha256");
	/** Git's digest begins with the size, so it is known only when the size is. */
	readonly #parts: Uint8Array[] = [];

	constructor(like: Digest) {
		this.#isGit = like.startsWith("git-sha1:");
	}

	add(bytes: Uint8Array): void {
		this.#sha256.update(bytes);
		if (this.#isGit) this.#parts.push(bytes.slice());
	}

	/** The digest to compare, and the SHA-256 to keep. */
	finish(): { digest: Digest; sha256: string } {
		const sha256 = this.#sha256.digest("hex");
		if (!this.#isGit) return { digest: `sha256:${sha256}`, sha256 };
		const size = this.#parts.reduce((sum, part) => sum + part.length, 0);
		const git = new Bun.CryptoHasher("sha1").update(`blob ${size}\0`);
		for (const part of this.#parts) git.update(part);
		return { digest: `git-sha1:${git.digest("hex")}`, sha256 };
	}
}

/** The SHA-256 of a file in hex, read in parts. */
export async function sha256OfFile(file: string): Promise<string> {
	const hash = new Bun.CryptoHasher("sha256");
	for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
	return hash.digest("hex");
}
