import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "@signet/core";
import { type FileLock, takeFileLock } from "@signet/core/file-lock";
import { ConfinedFolder, FileName } from "@signet/core/files";
import * as z from "zod/mini";
import type { ProvedExecutable } from "./release-package.ts";
import { UpdateProblem } from "./update-problem.ts";

const MAX_EXECUTABLE_BYTES = 600 * 1024 * 1024;
const MAX_RECORD_BYTES = 64 * 1024;
const EXECUTABLE_MODE = 0o755;

/** An executable beside the running one: its version, and what it was when it was put there. */
const kept = () => z.object({ version: z.string(), sha256: z.string() });

const recordSchema = () =>
	z.object({
		/** Verified, and not in use yet. */
		staged: z.optional(kept()),
		/** What was in use before. */
		previous: z.optional(kept()),
		/** Why the last version that was tried is not in use. */
		failed: z.optional(z.object({ version: z.string(), why: z.string(), at: z.string() })),
	});

export type UpdateRecord = z.infer<ReturnType<typeof recordSchema>>;

/**
 * The executable of this program, and what lies beside it: the next version and the one before, hidden by a dot. Every
 * step is one rename, so that there is a whole executable at any time.
 */
export class InstalledProgram {
	readonly #folder: ConfinedFolder;
	readonly #names: Readonly<Record<"current" | "staged" | "previous" | "record", FileName>>;

	/** Throws an `UpdateProblem` when nothing can be put beside it. */
	constructor(
		executable: string,
		readonly version: string,
	) {
		try {
			const file = realpathSync(executable);
			const name = basename(file);
			this.#folder = ConfinedFolder.at(dirname(file));
			this.#names = {
				current: FileName.found(name),
				staged: FileName.found(`.${name}.next`),
				previous: FileName.found(`.${name}.previous`),
				record: FileName.found(`.${name}.update.json`),
			};
		} catch (error) {
			throw new UpdateProblem(`${executable} cannot be updated: ${messageOf(error)}`);
		}
	}

	/** Where the next version lies. */
	get stagedFile(): string {
		return join(this.#folder.path, String(this.#names.staged));
	}

	get file(): string {
		return join(this.#folder.path, String(this.#names.current));
	}

	/** What was noted about versions beside this one; nothing when that cannot be read. */
	record(): UpdateRecord {
		const text = this.#folder.readIfThere(this.#names.record, { maxBytes: MAX_RECORD_BYTES })?.toString();
		try {
			return recordSchema().parse(JSON.parse(text ?? "{}"));
		} catch {
			return {};
		}
	}

	/** Let no other process change anything beside the executable. Throws an `UpdateProblem` when one does. */
	lock(): FileLock {
		try {
			return takeFileLock(join(this.#folder.path, `.${this.#names.current}.update.lock`));
		} catch (error) {
			const isBusy = /locked|busy/i.test(messageOf(error));
			throw new UpdateProblem(
				isBusy ? "Another update is under way" : `Nothing can be put beside ${this.file}: ${messageOf(error)}`,
			);
		}
	}

	/** Put the next version beside this one. */
	async stage(version: string, { bytes, sha256 }: ProvedExecutable): Promise<void> {
		await this.#write(this.#names.staged, bytes);
		await this.#note({ ...this.record(), staged: { version, sha256 } });
	}

	/** Take what was staged away, because it is not what it should be. */
	async dropStaged(why: string, at: string): Promise<void> {
		const { staged, ...rest } = this.record();
		if (!staged) return;
		await this.#note({ ...rest, failed: { version: staged.version, why, at } });
		this.#folder.remove(this.#names.staged);
	}

	/** Put the staged version in the place of this one, which is kept. Rejects with an `UpdateProblem`. */
	async switch(): Promise<{ version: string }> {
		const { staged } = this.record();
		if (!staged) throw new UpdateProblem("No version is staged");
		const current = this.#bytesOf(this.#names.current);
		if (digestOf(this.#bytesOf(this.#names.staged)) !== staged.sha256) {
			throw new UpdateProblem(`${this.stagedFile} was changed since it was verified; it is not used`);
		}
		await this.#write(this.#names.previous, current);
		await this.#note({ staged, previous: { version: this.version, sha256: digestOf(current) } });
		await this.#put(this.#names.staged);
		await this.#note({ previous: { version: this.version, sha256: digestOf(current) } });
		return { version: staged.version };
	}

	/** Put the version before in the place of this one again; `failed` says which one it replaces and why. */
	async switchBack(failed?: UpdateRecord["failed"]): Promise<{ version: string }> {
		const { previous } = this.record();
		if (!previous) throw new UpdateProblem("There is no version before this one to go back to");
		if (digestOf(this.#bytesOf(this.#names.previous)) !== previous.sha256) {
			throw new UpdateProblem(`The version before, ${previous.version}, was changed since it was kept; it is not used`);
		}
		await this.#put(this.#names.previous);
		await this.#note(failed ? { failed } : {});
		return { version: previous.version };
	}

	/** A running program may not be overwritten on Windows, but renamed. */
	async #put(name: FileName): Promise<void> {
		if (process.platform === "win32") {
			await this.#folder.rename(this.#names.current, FileName.found(`.${this.#names.current}.old`));
		}
		await this.#folder.rename(name, this.#names.current);
	}

	#bytesOf(name: FileName): Buffer {
		try {
			return this.#folder.read(name, { maxBytes: MAX_EXECUTABLE_BYTES });
		} catch (error) {
			throw new UpdateProblem(messageOf(error));
		}
	}

	async #write(name: FileName, bytes: Uint8Array): Promise<void> {
		const limits = { maxBytes: MAX_EXECUTABLE_BYTES, mode: EXECUTABLE_MODE };
		try {
			await this.#folder.replace(name, bytes, limits);
		} catch (error) {
			throw new UpdateProblem(`Nothing can be put beside ${this.file}: ${messageOf(error)}`);
		}
	}

	async #note(record: UpdateRecord): Promise<void> {
		await this.#folder.replace(this.#names.record, `${JSON.stringify(record)}\n`, { maxBytes: MAX_RECORD_BYTES });
	}
}

/** SHA-256, lower-case hex. */
function digestOf(bytes: Uint8Array): string {
	return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
