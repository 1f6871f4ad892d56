import { existsSync } from "node:fs";
import { messageOf } from "@signet/core";
import { busy, unreadable } from "./problems.ts";
import { BACKUP, type SecretsFolder, STORE } from "./secrets-folder.ts";
import { StoredFile } from "./stored-file.ts";

/** So many changes may wait for each other. */
const MAX_WAITING = 1_000;

/** The file of the vault, which other processes change too. One that cannot be read is never written over. */
export class StoreFile {
	#read: { readonly stamp: string; readonly file: StoredFile } | undefined;
	#stamp: string | undefined;
	#changes = 0;
	readonly #listeners = new Set<() => void>();
	#waiting = 0;
	#last: Promise<unknown> = Promise.resolve();

	constructor(readonly folder: SecretsFolder) {}

	/** Goes up whenever the file has changed. Costs a look at the file system. */
	get changes(): number {
		const stamp = this.folder.stampOf(STORE);
		const isOther = this.#stamp !== undefined && stamp !== this.#stamp;
		this.#stamp = stamp;
		if (isOther) this.changed();
		return this.#changes;
	}

	/** Have a function called whenever `changes` has gone up; gives what ends that. */
	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Say that what can be had of it is not what it was. */
	changed(): void {
		this.#changes++;
		for (const listener of this.#listeners) listener();
	}

	/** The file as it is now. Throws a `RequestError` when it cannot be read; a copy of it is kept then. */
	async load(): Promise<StoredFile> {
		const stamp = this.folder.stampOf(STORE);
		if (this.#read?.stamp === stamp) return this.#read.file;
		const bytes = await this.folder.read(STORE);
		const file = bytes ? await this.#parse(bytes) : StoredFile.empty;
		// If it was replaced meanwhile, the stamp fits no more, and it is read again.
		this.#read = { stamp, file };
		return file;
	}

	/**
	 * Change the file, one change at a time in all processes; on the disk when the promise settles. What `change` throws
	 * is thrown, and nothing was changed.
	 */
	async change(change: (file: StoredFile) => Promise<StoredFile>): Promise<void> {
		if (this.#waiting >= MAX_WAITING) throw busy(`${MAX_WAITING} changes of secrets wait already`);
		this.#waiting++;
		const turn = this.#last.then(() => this.#changeNow(change));
		this.#last = turn.catch(() => undefined);
		try {
			await turn;
		} finally {
			this.#waiting--;
		}
	}

	async #changeNow(change: (file: StoredFile) => Promise<StoredFile>): Promise<void> {
		const { folder } = this;
		await folder.exclusively(async () => {
			const { text } = await change(await this.load());
			await folder.replace(STORE, text);
			this.#stamp = folder.stampOf(STORE);
			// The same again: what was removed is gone, and what another program damages can be had back.
			await folder.replace(BACKUP, text).catch(() => folder.remove(BACKUP));
		});
		this.changed();
	}

	async #parse(bytes: Buffer): Promise<StoredFile> {
		try {
			return StoredFile.parse(textOf(bytes));
		} catch (error) {
			await this.folder.keepUnreadable(bytes).catch(() => undefined);
			const backup = this.folder.pathOf(BACKUP);
			throw unreadable(this.folder.pathOf(STORE), messageOf(error), existsSync(backup) ? backup : undefined);
		}
	}
}

function textOf(bytes: Buffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new Error("it is no UTF-8");
	}
}
