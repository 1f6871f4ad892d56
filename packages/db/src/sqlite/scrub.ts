import type { Database } from "bun:sqlite";
import type { Timers } from "@signet/core";
import type { Erased } from "../database.ts";
import { isStorageFailure } from "./failures.ts";
import { rebuildFullText } from "./full-text.ts";
import { eraseFromBackups } from "./leftovers.ts";
import { mergeFullText } from "./merge-full-text.ts";
import { isWrittenByUs, markFullTextBehind, markWrittenByUs } from "./schema/marks.ts";
import { markSchemaVerified } from "./schema/verified.ts";
import type { WriteQueue } from "./write-queue.ts";

/** Pages of a full-text table merged in one commit: about two milliseconds. */
const MERGED_PAGES = 25;

export interface ScrubContext {
	readonly file: string;
	readonly writer: Database;
	readonly queue: WriteQueue;
	readonly timers: Pick<Timers, "yield">;
}

/**
 * Remove what deleting leaves behind: in the segments of the full-text tables, in the log, in the copies of the file, and
 * in a file that another program has written, which does not overwrite what it deletes. Gives way to other work, except
 * while such a file is written anew, once. Resolves to the paths of the copies that were changed.
 */
export async function scrub({ file, writer, queue, timers }: ScrubContext, erased: Erased): Promise<string[]> {
	for (const table of ["memories_fts", "sgn_lexicon"] as const) {
		for (let isFirst = true, isMore = true; isMore; isFirst = false) {
			isMore = await queue.add((each) => mergeFullText(each, table, { pages: MERGED_PAGES, isFirst }));
			await timers.yield();
		}
	}
	while (writer.inTransaction) await timers.yield();
	if (!isWrittenByUs(writer)) writeAnew(writer);
	emptyLog(writer);
	return eraseFromBackups(file, erased);
}

/** Leave one file behind where there is room for that; what stays in the log is as safe, and read at the next start. */
export function emptyLog(writer: Database): void {
	tolerating(() => writer.run("PRAGMA main.wal_checkpoint(TRUNCATE)"));
}

/** This may give the rows other numbers, by which the full-text table knows them. */
function writeAnew(writer: Database): void {
	tolerating(() => {
		markFullTextBehind(writer);
		writer.run("VACUUM");
		rebuildFullText(writer);
		markWrittenByUs(writer);
		markSchemaVerified(writer);
	});
}

/** Where there is no room, the next time is tried again. */
function tolerating(work: () => void): void {
	try {
		work();
	} catch (error) {
		if (!isStorageFailure(error)) throw error;
	}
}
