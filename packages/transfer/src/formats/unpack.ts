import {
	closeSync,
	createReadStream,
	mkdtempSync,
	openSync,
	readdirSync,
	readSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { messageOf } from "@signet/core";
import { ConfinedFolder, FileName } from "@signet/core/files";

/** What an archive may hold, however small it is itself. */
export interface UnpackLimits {
	readonly bytes: number;
	readonly members: number;
}

const LIMITS: UnpackLimits = { bytes: 2 * 1024 ** 3, members: 10_000 };
/** A piece of an archive that is unpacked at once: it may become a thousand times as much. */
const PIECE_BYTES = 16 * 1024;
/** What formats are made of; pictures and vectors stay in the archive. */
const WANTED = /\.(?:json|jsonl|ndjson|md|markdown)$/i;

/** What an archive holds, in a folder that goes away with it. */
export interface Unpacked {
	/** The folder, or the file if there is but one. */
	readonly path: string;
	remove(): void;
}

/**
 * Unpack a zip or gzip file into a folder of its own, private to its owner; undefined when it is neither. Throws when it
 * is damaged, when it holds more than it may, and when a member wants to lie elsewhere.
 */
export async function unpack(path: string, limits = LIMITS): Promise<Unpacked | undefined> {
	const kind = kindOf(path);
	if (kind === undefined) return undefined;
	const folder = mkdtempSync(join(tmpdir(), "signet-import-"));
	const remove = () => rmSync(folder, { recursive: true, force: true });
	const out = new Output(path, ConfinedFolder.at(folder), limits);
	try {
		await (kind === "zip" ? unzip(path, out) : gunzip(path, out));
		return { path: theOneIn(folder), remove };
	} catch (error) {
		out.abandon();
		remove();
		throw error;
	}
}

function kindOf(path: string): "zip" | "gzip" | undefined {
	if (statSync(path).isDirectory()) return undefined;
	const start = Buffer.alloc(4);
	const file = openSync(path, "r");
	try {
		readSync(file, start, 0, start.length, 0);
	} finally {
		closeSync(file);
	}
	if (start.toString("latin1") === "PK\u0003\u0004") return "zip";
	return start[0] === 0x1f && start[1] === 0x8b ? "gzip" : undefined;
}

/** Files as they come out of an archive. */
class Output {
	#bytes = 0;
	#members = 0;
	readonly #open = new Set<number>();

	constructor(
		private readonly archive: string,
		private readonly folder: ConfinedFolder,
		private readonly limits: UnpackLimits,
	) {}

	/** Begin a member that is not kept. */
	skip(): (bytes: Uint8Array) => void {
		this.#countMember();
		return (bytes) => this.#count(bytes);
	}

	/** Begin a member; gives what takes its bytes, the last of them with `isLast`. */
	begin(name: string): (bytes: Uint8Array, isLast: boolean) => void {
		this.#countMember();
		const file = this.#make(name);
		this.#open.add(file);
		return (bytes, isLast) => {
			this.#count(bytes);
			for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
			if (isLast) this.#close(file);
		};
	}

	/** Notes are called as people like; what could mean another place is not taken for a name. */
	#make(name: string): number {
		const isElsewhere = /[\\:]/.test(name) || name.split("/").some((part) => part === "" || /^\.\.?$/.test(part));
		if (isElsewhere) {
			throw new Error(`${this.archive} wants to put a file outside of its folder: ${JSON.stringify(name)}`);
		}
		try {
			return this.folder.begin(FileName.found(...name.split("/")));
		} catch (error) {
			throw new Error(`${this.archive} holds a file that cannot be taken: ${messageOf(error)}`);
		}
	}

	/** Whatever was begun and did not end. */
	abandon(): void {
		for (const file of this.#open) closeSync(file);
		this.#open.clear();
	}

	#close(file: number): void {
		this.#open.delete(file);
		closeSync(file);
	}

	#countMember(): void {
		if (++this.#members <= this.limits.members) return;
		throw new Error(`${this.archive} holds more than ${this.limits.members} files`);
	}

	#count({ byteLength }: Uint8Array): void {
		this.#bytes += byteLength;
		if (this.#bytes > this.limits.bytes) {
			throw new Error(`${this.archive} holds more than ${this.limits.bytes} bytes`);
		}
	}
}

async function unzip(path: string, out: Output): Promise<void> {
	const { Unzip, UnzipInflate } = await import("fflate");
	let open = 0;
	const reader = new Unzip((member) => {
		// Folders are made as they are needed. What nobody wants has to be read over all the same.
		const isWanted = WANTED.test(member.name);
		const write = isWanted ? out.begin(member.name) : out.skip();
		open++;
		member.ondata = (error, bytes, isLast) => {
			if (error) throw new Error(`${path} is damaged: ${error.message}`);
			write(bytes, isLast);
			if (isLast) open--;
		};
		member.start();
	});
	reader.register(UnzipInflate);
	try {
		for await (const bytes of Bun.file(path).stream()) {
			for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) reader.push(bytes.slice(at, at + PIECE_BYTES));
		}
		reader.push(new Uint8Array(), true);
	} catch (error) {
		if (error instanceof Error && error.message.startsWith(path)) throw error;
		throw new Error(`${path} cannot be unpacked: ${messageOf(error)}`);
	}
	if (open > 0) throw new Error(`${path} is damaged: it ends too early`);
}

async function gunzip(path: string, out: Output): Promise<void> {
	const write = out.begin(basename(path).replace(/\.gz$/i, ""));
	const [{ pipeline }, { createGunzip }] = await Promise.all([import("node:stream/promises"), import("node:zlib")]);
	try {
		await pipeline(createReadStream(path), createGunzip(), async (pieces: AsyncIterable<Uint8Array>) => {
			for await (const bytes of pieces) write(bytes, false);
			write(new Uint8Array(), true);
		});
	} catch (error) {
		if (error instanceof Error && error.message.startsWith(path)) throw error;
		throw new Error(`${path} is damaged: ${messageOf(error)}`);
	}
}

/** Some archives hold one folder that holds the rest. */
function theOneIn(folder: string): string {
	const [only, ...others] = readdirSync(folder);
	if (only === undefined) throw new Error("there is nothing in it that can be imported");
	return others.length === 0
		? statSync(join(folder, only)).isDirectory()
			? theOneIn(join(folder, only))
			: join(folder, only)
		: folder;
}
