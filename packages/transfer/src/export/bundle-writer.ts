import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { ZipDeflate } from "fflate";

/** Named texts that are written as they come, all parts of one before those of the next. */
export interface BundleWriter {
	append(name: string, text: string): void;
	/** SHA-256 of each text so far, by its name. */
	checksums(): Record<string, string>;
	/** Nothing is appended any more. */
	close(): void;
	/** Remove what was written so far: half a bundle looks like one. To be called instead of `close`, or after it failed. */
	abandon(): void;
}

/** Whether a bundle of that name is one file, `.json` or `.zip`, rather than a folder. */
export function isOneFile(path: string): boolean {
	return [".json", ".zip"].includes(extname(path).toLowerCase());
}

/**
 * Begin a bundle, which nobody else may read: a folder, with those above it, or one file. Throws when it cannot be written
 * there, and when there is a file of that name.
 */
export async function writeBundle(path: string): Promise<BundleWriter> {
	switch (extname(path).toLowerCase()) {
		case ".json":
			return new JsonBundle(path);
		case ".zip":
			return new ZipBundle(path, await import("fflate"));
		default:
			return new FolderBundle(path);
	}
}

class Checksums {
	readonly #hashers = new Map<string, Bun.CryptoHasher>();

	update(name: string, text: string): void {
		const hasher = this.#hashers.get(name) ?? new Bun.CryptoHasher("sha256");
		this.#hashers.set(name, hasher.update(text));
	}

	checksums(): Record<string, string> {
		return Object.fromEntries([...this.#hashers].map(([name, hasher]) => [name, hasher.copy().digest("hex")]));
	}
}

class FolderBundle extends Checksums implements BundleWriter {
	/** The uppermost folder that was made for it; undefined when all of them were there. */
	readonly #made: string | undefined;

	constructor(private readonly folder: string) {
		super();
		this.#made = mkdirSync(folder, { recursive: true, mode: 0o700 });
	}

	append(name: string, text: string): void {
		const file = join(this.folder, name);
		mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
		appendFileSync(file, text, { mode: 0o600 });
		this.update(name, text);
	}

	close(): void {
		// All of it is written.
	}

	abandon(): void {
		for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name), { recursive: true, force: true });
		if (this.#made === undefined) return;
		for (let folder = this.folder; folder.length >= this.#made.length; folder = dirname(folder)) {
			if (readdirSync(folder).length > 0) return;
			rmdirSync(folder);
		}
	}
}

/** The files as the members of one JSON object. */
class JsonBundle extends Checksums implements BundleWriter {
	readonly #texts = new Map<string, string[]>();
	readonly #file: OneFile;

	constructor(path: string) {
		super();
		this.#file = new OneFile(path);
	}

	append(name: string, text: string): void {
		const parts = this.#texts.get(name) ?? [];
		this.#texts.set(name, parts);
		parts.push(text);
		this.update(name, text);
	}

	close(): void {
		const members = Object.fromEntries([...this.#texts].map(([name, parts]) => [name, parts.join("")]));
		this.#file.write(new TextEncoder().encode(JSON.stringify(members, null, 2)));
		this.#file.close();
	}

	abandon(): void {
		this.#file.remove();
	}
}

/** Written while it is made, so that it may be larger than the memory. */
class ZipBundle extends Checksums implements BundleWriter {
	readonly #encoder = new TextEncoder();
	readonly #file: OneFile;
	readonly #zip: import("fflate").Zip;
	#member: { readonly name: string; readonly stream: ZipDeflate } | undefined;

	constructor(
		path: string,
		private readonly fflate: typeof import("fflate"),
	) {
		super();
		this.#file = new OneFile(path);
		this.#zip = new fflate.Zip((error, bytes) => {
			if (error) throw error;
			this.#file.write(bytes);
		});
	}

	append(name: string, text: string): void {
		if (this.#member?.name !== name) this.#begin(name);
		this.#member?.stream.push(this.#encoder.encode(text));
		this.update(name, text);
	}

	close(): void {
		this.#end();
		this.#zip.end();
		this.#file.close();
	}

	abandon(): void {
		this.#file.remove();
	}

	#begin(name: string): void {
		this.#end();
		const stream = new this.fflate.ZipDeflate(name);
		this.#zip.add(stream);
		this.#member = { name, stream };
	}

	#end(): void {
		this.#member?.stream.push(new Uint8Array(), true);
		this.#member = undefined;
	}
}

/** A file that was not there before, and that nobody else may read. */
class OneFile {
	readonly #descriptor: number;
	#isOpen = true;

	constructor(private readonly path: string) {
		this.#descriptor = openSync(path, "wx", 0o600);
	}

	write(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.byteLength; ) at += writeSync(this.#descriptor, bytes, at);
	}

	close(): void {
		if (this.#isOpen) closeSync(this.#descriptor);
		this.#isOpen = false;
	}

	remove(): void {
		this.close();
		rmSync(this.path, { force: true });
	}
}
