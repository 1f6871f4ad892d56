import { constants, lstatSync, statSync } from "node:fs";
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isoTime, messageOf, RequestError, type World } from "@signet/core";
import { type FileLock, isHeldByAnother, takeFileLock } from "@signet/core/file-lock";

/** Another process holds the lock for milliseconds; whoever holds it for so long hangs. */
const LOCK_PATIENCE_MS = 5_000;
const LOCK_POLL_MS = 10;
/** No vault is as large; what is would be read at the cost of everybody's memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** So many unreadable stores are kept for whoever wants to mend them. */
const MAX_UNREADABLE_KEPT = 5;

const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const MAKE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const UNFINISHED = /\.tmp$/;

export const STORE = "secrets.enc";
/** The store as it was written last: to go back to when something else has damaged it. */
export const BACKUP = "secrets.enc.bak";
export const MACHINE_ID = ".machine-id";
const LOCK = ".lock";

/**
 * The folder of the vault. What is written is on the disk, as a whole, before the promise settles; who reads sees the
 * old or the new. Everything in it is its owner's alone.
 */
export class SecretsFolder {
	constructor(
		readonly path: string,
		private readonly world: Pick<World, "clock" | "timers" | "random">,
	) {}

	pathOf(name: string): string {
		return join(this.path, name);
	}

	/** What changes whenever a file is replaced; empty when there is none. Costs a look at the file system. */
	stampOf(name: string): string {
		try {
			const stats = lstatSync(this.pathOf(name), { throwIfNoEntry: false, bigint: true });
			return stats ? `${stats.ino}/${stats.mtimeNs}/${stats.size}` : "";
		} catch {
			// Reading it says why.
			return "hidden";
		}
	}

	/**
	 * The bytes of a file; undefined when there is none. Throws a `RequestError` for one that is a link, belongs to
	 * somebody else, or cannot be read.
	 */
	async read(name: string): Promise<Buffer | undefined> {
		const path = this.pathOf(name);
		let file: FileHandle | undefined;
		try {
			file = await open(path, READ);
			const stats = await file.stat();
			if (!stats.isFile()) throw unsafe(`${path} is no file`);
			if (isForeign(stats.uid)) throw unsafe(`${path} belongs to another user of this machine`);
			if (stats.size > MAX_BYTES) throw unsafe(`${path} has ${stats.size} bytes; at most ${MAX_BYTES} are read`);
			return await file.readFile();
		} catch (error) {
			if (error instanceof RequestError) throw error;
			const code = codeOf(error);
			if (code === "ENOENT") return undefined;
			if (code === "ELOOP") throw unsafe(`${path} is a link; put the file itself there`);
			throw unsafe(`${path} cannot be read: ${messageOf(error)}`);
		} finally {
			await file?.close();
		}
	}

	/** Do what must not be done by two processes at the same time. */
	async exclusively<T>(work: () => Promise<T>): Promise<T> {
		const lock = await this.#lock();
		try {
			return await work();
		} finally {
			lock.release();
		}
	}

	/** Replace a file, or make it. Only under the lock. */
	async replace(name: string, text: string): Promise<void> {
		const unfinished = this.pathOf(`${name}.${Buffer.from(this.world.random.bytes(6)).toString("hex")}.tmp`);
		try {
			const file = await open(unfinished, MAKE, 0o600);
			try {
				await file.writeFile(text);
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(unfinished, this.pathOf(name));
			await this.#sync();
		} catch (error) {
			await rm(unfinished, { force: true });
			throw unwritable(this.pathOf(name), error);
		}
	}

	/** Remove a file, if there is one. */
	async remove(name: string): Promise<void> {
		await rm(this.pathOf(name), { force: true });
	}

	/** Keep a copy of a store that cannot be read, beside it. The same bytes are kept once. */
	async keepUnreadable(bytes: Buffer): Promise<void> {
		const prefix = `${STORE}.corrupt-`;
		const kept = (await readdir(this.path)).filter((name) => name.startsWith(prefix));
		for (const name of kept) {
			if (bytes.equals(await readFile(this.pathOf(name)))) return;
		}
		if (kept.length >= MAX_UNREADABLE_KEPT) return;
		const stamp = isoTime(this.world.clock.now()).replace(/[-:.]/g, "");
		const file = await open(this.pathOf(prefix + stamp), MAKE, 0o600);
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
	}

	/** What others than the owner may do with the folder or a file in it. Changes nothing. */
	openToOthers(): string[] {
		if (process.platform === "win32") return [];
		const names = ["", STORE, BACKUP, MACHINE_ID];
		return names
			.map((name) => (name === "" ? this.path : this.pathOf(name)))
			.filter((path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0);
	}

	async #lock(): Promise<FileLock> {
		await this.#make();
		const deadline = this.world.clock.monotonicMs() + LOCK_PATIENCE_MS;
		for (;;) {
			try {
				const lock = takeFileLock(this.pathOf(LOCK));
				await this.#tidy();
				return lock;
			} catch (error) {
				if (!isHeldByAnother(error)) throw unwritable(this.path, error);
			}
			if (this.world.clock.monotonicMs() >= deadline) {
				throw new RequestError(
					503,
					"secrets_busy",
					`Another program has been working on ${this.path} for ${LOCK_PATIENCE_MS / 1000} s; try again`,
				);
			}
			await this.world.timers.sleep(LOCK_POLL_MS);
		}
	}

	/** Older programs left the folder and its files as the environment had it. */
	async #make(): Promise<void> {
		try {
			await mkdir(this.path, { recursive: true, mode: 0o700 });
			if (isForeign(statSync(this.path).uid)) throw unsafe(`${this.path} belongs to another user of this machine`);
			await chmod(this.path, 0o700);
		} catch (error) {
			throw error instanceof RequestError ? error : unwritable(this.path, error);
		}
	}

	/** Whoever wrote these was ended before they were finished, or the lock would not be ours. */
	async #tidy(): Promise<void> {
		for (const name of await readdir(this.path)) {
			if (UNFINISHED.test(name)) await rm(this.pathOf(name), { force: true });
		}
	}

	/** A new name is on the disk when its folder is. */
	async #sync(): Promise<void> {
		if (process.platform === "win32") return;
		const folder = await open(this.path, constants.O_RDONLY);
		try {
			await folder.sync();
		} finally {
			await folder.close();
		}
	}
}

/** The superuser may use what is anybody's: it can read it anyway. */
function isForeign(uid: number): boolean {
	const own = process.getuid?.();
	return own !== undefined && own !== 0 && uid !== own;
}

function unsafe(why: string): RequestError {
	return new RequestError(503, "secrets_unsafe", `The secrets cannot be used: ${why}`);
}

function unwritable(path: string, error: unknown): RequestError {
	const isFull = ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
	const why = isFull ? "the disk is full; free some space" : messageOf(error);
	return new RequestError(503, "secrets_unwritable", `${path} cannot be written, and nothing was changed: ${why}`);
}

function codeOf(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
