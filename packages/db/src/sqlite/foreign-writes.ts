import type { Database } from "bun:sqlite";
import { clearWrittenByUs, isWrittenByUs } from "./schema/marks.ts";

/**
 * Notices that another program has written to the file: while we were away by the list of changed memories, which is empty
 * whenever we are done; and while we are here by the counter that every other connection's commit raises
 * (https://sqlite.org/pragma.html#pragma_data_version).
 */
export class ForeignWrites {
	#version: number;

	/** @param writer the only connection of ours that writes */
	constructor(private readonly writer: Database) {
		this.#version = versionOf(writer);
		const hasChanges = writer.query("SELECT 1 FROM sgn_changes LIMIT 1").get() !== null;
		if (hasChanges && isWrittenByUs(writer)) clearWrittenByUs(writer);
	}

	/** Whether everything in the file was written by us. Not to be asked within a transaction. */
	isOursAlone(): boolean {
		const version = versionOf(this.writer);
		if (version !== this.#version) {
			this.#version = version;
			clearWrittenByUs(this.writer);
		}
		return isWrittenByUs(this.writer);
	}

	/** What was written since the last question was written by us, on another connection. */
	wereOurs(): void {
		this.#version = versionOf(this.writer);
	}
}

function versionOf(db: Database): number {
	return db.query<{ data_version: number }, []>("PRAGMA data_version").get()?.data_version ?? 0;
}
