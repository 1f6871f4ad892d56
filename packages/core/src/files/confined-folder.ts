import {
	closeSync,
	fchmodSync,
	fstatSync,
	fsync,
	lstatSync,
	openSync,
	realpathSync,
	rmSync,
	type Stats,
	unlinkSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AnchoredFolder, explained, MAKE_FILE, OPEN_FILE } from "./anchored-folder.ts";
import type { FileName } from "./file-name.ts";
import { readDescriptor } from "./read-regular.ts";
import { RefusedFile } from "./refused-file.ts";

export interface ReplaceOptions {
	/** More is refused, before anything is written. */
	readonly maxBytes: number;
	/** Whether there may be no such file yet, or must not be one. */
	readonly target?: "may exist" | "must exist" | "must not exist";
	/** Permissions of a new file; one that is replaced keeps its own. */
	readonly mode?: number;
}

const syncDescriptor = promisify(fsync);
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;
const PERMISSIONS = 0o777;

let unfinishedCount = 0;

/**
 * A folder out of which nothing leads. Files in it are read and written by `FileName`s; links are never followed,
 * wherever in the name they stand and whenever they are put there; only regular files count, and only those of the
 * user who runs this program, of the folder's owner and of root.
 */
export class ConfinedFolder {
	private constructor(
		/** Without links. */
		readonly path: string,
		private readonly stats: Stats,
		private readonly isAnybodys: boolean,
	) {}

	/**
	 * Confine to a folder, which may itself be reached by links: where it is now is fixed. Throws a `RefusedFile` when it
	 * is no folder, or when somebody else could exchange it or put files of his own there; unless `isAnybodys`, for a
	 * folder that the person who asks has just named, whoever filled it.
	 */
	static at(path: string, { isAnybodys = false } = {}): ConfinedFolder {
		try {
			const real = realpathSync(path);
			const stats = lstatSync(real);
			if (!stats.isDirectory()) throw new RefusedFile("not_a_file", `${path} is no folder`);
			if (!isAnybodys) refuseUnsafe(real, stats);
			return new ConfinedFolder(real, stats, isAnybodys);
		} catch (error) {
			throw explained(error, path);
		}
	}

	/** The bytes of a file. Throws a `RefusedFile`, also when it has more than `maxBytes`. */
	read(name: FileName, { maxBytes }: { maxBytes: number }): Buffer {
		const descriptor = this.open(name);
		try {
			return readDescriptor(descriptor, fstatSync(descriptor), String(name), maxBytes);
		} finally {
			closeSync(descriptor);
		}
	}

	/** A descriptor of a file to be read, which the caller closes. Throws a `RefusedFile`. */
	open(name: FileName): number {
		using folder = this.#folderOf(name, { isMade: false });
		return this.#explaining(name, () => {
			const descriptor = openSync(folder.pathOf(name.base), OPEN_FILE);
			try {
				const stats = fstatSync(descriptor);
				if (!stats.isFile()) throw new RefusedFile("not_a_file", `${name} is no regular file`);
				this.#refuseForeign(name, stats);
				return descriptor;
			} catch (error) {
				closeSync(descriptor);
				throw error;
			}
		});
	}

	/** As `read`; undefined when there is no such file. */
	readIfThere(name: FileName, limits: { maxBytes: number }): Buffer | undefined {
		try {
			return this.read(name, limits);
		} catch (error) {
			if (error instanceof RefusedFile && error.refusal === "file_not_found") return undefined;
			throw error;
		}
	}

	/**
	 * Write a file: whoever reads it, or crashes, sees the old or the new one, whole. It is on the disk when this
	 * resolves. Folders on the way are made. Rejects with a `RefusedFile`; then everything is as it was.
	 */
	async replace(name: FileName, content: string | Uint8Array, options: ReplaceOptions): Promise<void> {
		const bytes = typeof content === "string" ? Buffer.from(content) : content;
		const { maxBytes, target = "may exist", mode = 0o600 } = options;
		if (bytes.byteLength > maxBytes) {
			const sizes = `${bytes.byteLength} bytes; at most ${maxBytes} are accepted`;
			throw new RefusedFile("file_too_large", `what ${name} is to hold has ${sizes}`);
		}
		using folder = this.#folderOf(name, { isMade: target !== "must exist" });
		const before = this.#explaining(name, () => this.#refuseAsTarget(name, folder, target));
		if (target === "must not exist") return await this.#make(name, folder, bytes, mode);
		const unfinished = folder.pathOf(`.sgn-${process.pid}-${unfinishedCount++}.tmp`);
		try {
			// Of a process that had this id before and crashed.
			rmSync(unfinished, { force: true });
			await writeNew(unfinished, bytes, before ? before.mode & PERMISSIONS : mode);
			await rename(unfinished, folder.pathOf(name.base));
		} catch (error) {
			rmSync(unfinished, { force: true });
			throw explained(error, join(this.path, String(name)));
		}
		await syncFolder(folder);
	}

	/**
	 * Give a file of this folder another name, at once, in the place of what has it. Rejects with a `RefusedFile`; then
	 * everything is as it was.
	 */
	async rename(from: FileName, to: FileName): Promise<void> {
		using source = this.#folderOf(from, { isMade: false });
		using target = this.#folderOf(to, { isMade: false });
		this.#explaining(from, () => this.#refuseAsTarget(from, source, "must exist"));
		this.#explaining(to, () => this.#refuseAsTarget(to, target, "may exist"));
		try {
			await rename(source.pathOf(from.base), target.pathOf(to.base));
		} catch (error) {
			throw explained(error, join(this.path, String(to)));
		}
		await syncFolder(target);
	}

	/** Begin a new file, to be written by its descriptor, which the caller closes. Throws when there is one. */
	begin(name: FileName, mode = 0o600): number {
		using folder = this.#folderOf(name, { isMade: true });
		return this.#explaining(name, () => openSync(folder.pathOf(name.base), MAKE_FILE, mode));
	}

	/** Remove a file. Throws a `RefusedFile` when there is none, or something else of that name. */
	remove(name: FileName): void {
		using folder = this.#folderOf(name, { isMade: false });
		this.#explaining(name, () => {
			this.#refuseAsTarget(name, folder, "must exist");
			unlinkSync(folder.pathOf(name.base));
		});
	}

	#folderOf({ folders }: FileName, options: { isMade: boolean }): AnchoredFolder {
		try {
			let folder = AnchoredFolder.open(this.path, this.stats);
			for (const name of folders) folder = folder.down(name, options);
			return folder;
		} catch (error) {
			throw explained(error, join(this.path, ...folders));
		}
	}

	#explaining<T>(name: FileName, work: () => T): T {
		try {
			return work();
		} catch (error) {
			throw explained(error, join(this.path, String(name)));
		}
	}

	async #make(name: FileName, folder: AnchoredFolder, bytes: Uint8Array, mode: number): Promise<void> {
		try {
			await writeNew(folder.pathOf(name.base), bytes, mode);
		} catch (error) {
			throw explained(error, join(this.path, String(name)));
		}
		await syncFolder(folder);
	}

	/** What is there now, if it may be replaced or removed. */
	#refuseAsTarget(name: FileName, folder: AnchoredFolder, target: ReplaceOptions["target"]): Stats | undefined {
		const stats = lstatSync(folder.pathOf(name.base), { throwIfNoEntry: false });
		const shown = join(this.path, String(name));
		if (!stats) {
			if (target === "must exist") throw new RefusedFile("file_not_found", `There is no ${shown}`);
			return undefined;
		}
		if (target === "must not exist") throw new RefusedFile("file_exists", `${shown} is there already`);
		if (stats.isSymbolicLink()) {
			throw new RefusedFile("symbolic_link", `${shown} is a symbolic link, and links are not followed here`);
		}
		if (!stats.isFile()) throw new RefusedFile("not_a_file", `${shown} is no regular file`);
		this.#refuseForeign(name, stats);
		return stats;
	}

	#refuseForeign(name: FileName, { uid }: Stats): void {
		if (this.isAnybodys || isOwnUser(uid) || uid === this.stats.uid) return;
		throw new RefusedFile("foreign_owner", `${join(this.path, String(name))} belongs to another user (${uid})`);
	}
}

/** Write a file that is not there, to the disk; what could not be written whole is taken away. */
async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
	const file = await open(path, MAKE_FILE, mode);
	try {
		// The user's mask must not take rights from a file that is replaced.
		fchmodSync(file.fd, mode);
		await file.writeFile(bytes);
		await file.sync();
	} catch (error) {
		rmSync(path, { force: true });
		throw error;
	} finally {
		await file.close();
	}
}

/** A name is on the disk when its folder is; not every system can be asked for that. */
async function syncFolder({ handle }: AnchoredFolder): Promise<void> {
	await syncDescriptor(handle).catch(() => undefined);
}

/** Nobody else may exchange the folder by one of his own, nor put files there. */
function refuseUnsafe(path: string, stats: Stats): void {
	if (process.getuid === undefined) return;
	if (process.getuid() !== 0 && !isOwnUser(stats.uid)) {
		throw new RefusedFile("unsafe_folder", `${path} belongs to another user (${stats.uid})`);
	}
	for (let folder = path; ; folder = dirname(folder)) {
		const { mode } = lstatSync(folder);
		if ((mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0) {
			const what = `every user of this machine can exchange what is in ${folder}`;
			throw new RefusedFile("unsafe_folder", `${path} is not safe: ${what}; take that right away (chmod o-w)`);
		}
		if (folder === dirname(folder)) return;
	}
}

/** Whether files of a user are to be trusted as those of the one who runs this program. */
function isOwnUser(uid: number): boolean {
	const own = process.getuid?.();
	return own === undefined || uid === own || uid === 0;
}
