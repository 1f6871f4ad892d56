import type { Database } from "bun:sqlite";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isStorageFailure } from "./failures.ts";
import { isWrittenByUs, noteForeignWrites } from "./schema/marks.ts";

/**
 * Notices that another program has written to the file: while we were away by when the file was last written, which is
 * kept beside it when we leave; and while we are here by the counter that every other connection's commit raises
 * (https://sqlite.org/pragma.html#pragma_data_version). After a crash nobody knows, and it counts as so.
 */
export class ForeignWrites {
	#version: number;

	constructor(
		/** The only connection of ours that writes. */
		private readonly writer: Database,
		private readonly file: string,
		private readonly options: {
			/** Where is kept when the file was last written; undefined where nobody else can. */
			readonly stampFile: string | undefined;
			/** Whether the file is as we left it, or was made a moment ago. */
			readonly isAsWeLeftIt: boolean;
		},
	) {
		this.#version = versionOf(writer);
		if (options.stampFile !== undefined) rmSync(options.stampFile, { force: true });
		if (!options.isAsWeLeftIt) noteForeignWrites(writer);
	}

	/** Whether everything in the file was written by us. Not to be asked within a transaction. */
	isOursAlone(): boolean {
		const version = versionOf(this.writer);
		if (version !== this.#version) {
			this.#version = version;
			noteForeignWrites(this.writer);
		}
		return isWrittenByUs(this.writer);
	}

	/** What was written since the last question was written by us, on another connection. */
	wereOurs(): void {
		this.#version = versionOf(this.writer);
	}

	/**
	 * To be called before the writer is closed, with nothing to follow but that; what it returns, after it. Where nothing can
	 * be written, nobody knows the next time.
	 */
	leave(): () => void {
		const { stampFile } = this.options;
		try {
			this.isOursAlone();
		} catch (error) {
			if (!isStorageFailure(error)) throw error;
			return () => undefined;
		}
		return () => {
			try {
				if (stampFile !== undefined) writeFileSync(stampFile, stampOf(this.file), { mode: 0o600 });
			} catch {
				// The disk is full, or the folder is gone.
			}
		};
	}
}

/** Whether a file is as we left it; to be asked before it is opened. Without a place to keep that, nobody else writes to it. */
export function isAsWeLeftIt(file: string, stampFile: string | undefined): boolean {
	if (stampFile === undefined) return true;
	// We leave no log: what is in one does not show in the file.
	const hasLog = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
	return !hasLog && existsSync(file) && readStamp(stampFile) === stampOf(file);
}

function versionOf(db: Database): number {
	return db.query<{ data_version: number }, []>("PRAGMA data_version").get()?.data_version ?? 0;
}

function stampOf(file: string): string {
	const { mtimeMs, size, ino } = statSync(file);
	return `${mtimeMs}/${size}/${ino}`;
}

function readStamp(stampFile: string): string | undefined {
	try {
		return readFileSync(stampFile, "utf8");
	} catch {
		return undefined;
	}
}
