import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Encrypts and decrypts what is kept beside the secrets, by a key of theirs. */
export interface Sealer {
	seal(bytes: Uint8Array): Uint8Array;
	/** Throws when they were not sealed by that key, or were changed. */
	open(bytes: Uint8Array): Uint8Array;
}

/** One text that only the owner of the secrets can read, and only whole. */
export class SealedFile {
	constructor(
		private readonly file: string,
		private readonly sealer: Sealer,
	) {}

	/** Undefined when there is none. Throws when it cannot be read or opened. */
	read(): string | undefined {
		let bytes: Uint8Array;
		try {
			bytes = readFileSync(this.file);
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
			throw error;
		}
		return new TextDecoder("utf-8", { fatal: true }).decode(this.sealer.open(bytes));
	}

	/** Put a text in its place: whoever reads it, or crashes, has the old one or the new one. */
	write(text: string): void {
		mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
		const unfinished = `${this.file}.${process.pid}.tmp`;
		rmSync(unfinished, { force: true });
		const descriptor = openSync(unfinished, "wx", 0o600);
		try {
			const sealed = this.sealer.seal(new TextEncoder().encode(text));
			for (let at = 0; at < sealed.length; ) at += writeSync(descriptor, sealed, at);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		renameSync(unfinished, this.file);
	}
}
