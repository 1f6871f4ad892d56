import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { messageOf, type Timers } from "@signet/core";
import type { Scrubbed } from "../database.ts";
import { blankEvents } from "../stores/history.ts";
import { BUSY_TIMEOUT_MS, hasMoved } from "./connection.ts";
import { hasCopies } from "./erase-from-copies.ts";
import { isStorageFailure } from "./failures.ts";
import type { ForeignWrites } from "./foreign-writes.ts";
import type { LogMover } from "./log-mover.ts";
import { fullTextTables, mergeFullText } from "./merge-full-text.ts";
import { workInThread } from "./work-in-thread.ts";
import type { WriteQueue } from "./write-queue.ts";

/** Pages of a full-text table merged in one commit: about two milliseconds. */
const MERGED_PAGES = 25;

/** Events without their texts in one commit. */
const EVENTS = 200;

/** A log larger than that is moved by the thread before it is emptied; in bytes. */
const LARGE_LOG = 16_000_000;

/** How often, and how far apart, the log is tried to be emptied while somebody reads. */
const LOG_ATTEMPTS = 20;
const LOG_RETRY_MS = 25;

const MOVED = "the database was moved away, or another file put in its place; start the daemon again";

export interface ScrubContext {
	readonly file: string;
	readonly writer: Database;
	readonly queue: WriteQueue;
	readonly log: LogMover;
	readonly foreign: ForeignWrites;
	readonly timers: Pick<Timers, "yield" | "after">;
}

/**
 * Remove what deleting leaves behind: in the segments of the full-text tables, in the log, in the copies of the file, and
 * in a file that another program has written, which does not overwrite what it deletes. Gives way to other work; what
 * takes long is done in a thread.
 */
export async function scrub(context: ScrubContext): Promise<Scrubbed> {
	const { file, writer, queue, log, foreign, timers } = context;
	if (hasMoved(writer)) return { copies: [], problems: [MOVED] };
	// Within somebody's transaction there are tables that may be undone again.
	for (const table of await queue.alone(async () => fullTextTables(writer))) {
		for (let isFirst = true, isMore = true; isMore; isFirst = false) {
			isMore = await queue.add((each) => mergeFullText(each, table, { pages: MERGED_PAGES, isFirst }));
			await timers.yield();
		}
	}
	const problems: string[] = [];
	// Nobody else may write meanwhile; who reads is not disturbed.
	await queue
		.alone(async () => {
			if (foreign.isOursAlone()) return;
			await log.settled();
			await workInThread("write-anew", file);
			foreign.wereOurs();
		})
		.catch((error: unknown) => problems.push(`the database could not be written anew: ${messageOf(error)}`));
	const events = await workInThread("events-with-erased", file);
	for (let at = 0; at < events.length; at += EVENTS) {
		await queue.add((each) => blankEvents(each, events.slice(at, at + EVENTS)));
	}
	const copies = hasCopies(file) ? await workInThread("erase-from-copies", file) : undefined;
	if (!(await emptyLogSoon(context))) problems.push("the log could not be emptied: somebody is reading the database");
	return { copies: copies?.changed ?? [], problems: [...problems, ...(copies?.problems ?? [])] };
}

async function emptyLogSoon({ file, writer, queue, log, timers }: ScrubContext): Promise<boolean> {
	for (let attempt = 1; ; attempt++) {
		const isLarge = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > LARGE_LOG;
		// Most of it before: whoever writes waits for what is done alone.
		await (isLarge ? log.move() : log.settled());
		const isEmpty = await queue.alone(async () => {
			await log.settled();
			// By the writer itself: of others' doing it would count as what another program has written.
			return emptyLog(writer);
		});
		if (isEmpty) return true;
		if (attempt === LOG_ATTEMPTS) return false;
		await new Promise<void>((resolve) => void timers.after(LOG_RETRY_MS, resolve));
	}
}

/**
 * Leave one file behind. Resolves to false while somebody reads it, or where there is no room; what stays in the log is
 * as safe, and read at the next start. Waits for nobody.
 */
export function emptyLog(writer: Database): boolean {
	try {
		return withoutWaiting(writer, () => {
			return writer.query<{ busy: number }, []>("PRAGMA main.wal_checkpoint(TRUNCATE)").get()?.busy === 0;
		});
	} catch (error) {
		if (isStorageFailure(error)) return false;
		throw error;
	}
}

function withoutWaiting<T>(db: Database, work: () => T): T {
	db.run("PRAGMA busy_timeout = 0");
	try {
		return work();
	} finally {
		db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
	}
}
