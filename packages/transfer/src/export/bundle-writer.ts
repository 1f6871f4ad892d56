import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { ZipDeflate } from "fflate";

/** Named texts that are written as they come, all parts of one before those of the next. */
export interface BundleWriter {
	append(name: string, text: string): void;
	/** SHA-256 of each text so far, by its name. */
	checksums(): Record<string, string>;
	/** Nothing is appended any more. */
	close(): void;
}

/** Whether a bundle of that name is one file, `.json` or `.zip`, rather than a folder. */
export function isOneFile(path: string): boolean {
	return [".json", ".zip"].includes(extname(path).toLowerCase());
}

/** Begin a bundle, which nobody else may read. Throws when there is a file of that name. */
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
	constructor(private readonly folder: string) {
		super();
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
}

/** The files as the members of one JSON object. */
class JsonBundle extends Checksums implements BundleWriter {
	readonly #texts = new Map<string, string[]>();

	constructor(private readonly file: string) {
		super();
	}

	append(name: string, text: string): void {
		const parts = this.#texts.get(name) ?? [];
		this.#texts.set(name, parts);
		parts.push(text);
		this.update(name, text);
	}

	close(): void {
		const members = Object.fromEntries([...this.#texts].map(([name, parts]) => [name, parts.join("")]));
		writeFileSync(this.file, JSON.stringify(members, null, 2), { mode: 0o600, flag: "wx" });
	}
}

/** Written while it is made, so that it may be larger than the memory. */
class ZipBundle extends Checksums implements BundleWriter {
	readonly #encoder = new TextEncoder();
	readonly #file: number;
	readonly #zip: import("fflate").Zip;
	#member: { readonly name: string; readonly stream: ZipDeflate } | undefined;

	constructor(
		path: string,
		private readonly fflate: typeof import("fflate"),
	) {
		super();
		this.#file = openSync(path, "wx", 0o600);
		this.#zip = new fflate.Zip((error, bytes) => {
			if (error) throw error;
			for (let at = 0; at < bytes.byteLength; ) at += writeSync(this.#file, bytes, at);
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
		closeSync(this.#file);
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
