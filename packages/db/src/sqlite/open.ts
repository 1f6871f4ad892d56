import { Database as SqliteFile } from "bun:sqlite";
import {
	accessSync,
	chmodSync,
	closeSync,
	constants,
	existsSync,
	mkdirSync,
	openSync,
	readSync,
	statSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf, Rest, StartupError, type World } from "@signet/core";
import type { Database } from "../database.ts";
import { backUp } from "./backup.ts";
import { openReader, openWriter, Statements, useWriteAheadLog } from "./connection.ts";
import { putEmptyDatabase } from "./empty-database.ts";
import { requestFailure, startupFailure } from "./failures.ts";
import { ForeignWrites, isAsWeLeftIt } from "./foreign-writes.ts";
import { eraseFromLaterTables } from "./later-tables.ts";
import { LogMover } from "./log-mover.ts";
import { markWrittenByUs } from "./schema/marks.ts";
import { isSchemaVerified, markSchemaVerified } from "./schema/verified.ts";
import { emptyLog, scrub } from "./scrub.ts";
import { SqliteVectorTable, type VectorTableOptions } from "./vector-table.ts";
import { workInThread } from "./work-in-thread.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SqliteOptions {
	readonly file: string;
	readonly world: Pick<World, "clock" | "timers">;
	readonly vectorTable: VectorTableOptions;
	/** Where is kept when the database was last written, so that it is seen when somebody else does. */
	readonly stampFile?: string;
	/** Told of work before a commit that failed; the commit went on without it. */
	readonly onDerivationFailure: (error: unknown) => void;
}

export interface OpenedDatabase {
	readonly database: Database;
	/** Path of the copy that was made because the file had to be upgraded. */
	readonly backup?: string;
}

/** After this long without a question or a change, a day's work is likely to be over or interrupted. */
const IDLE_MS = 20_000;
const SQLITE_HEADER = "SQLite format 3\0";

/**
 * Open the database of a workspace, making or upgrading it as needed. The caller owns the workspace. Throws a
 * `StartupError` with the file as it was when that cannot be done.
 */
export async function openSqlite(options: SqliteOptions): Promise<OpenedDatabase> {
	const { file, world } = options;
	try {
		const isOurs = isAsWeLeftIt(file, options.stampFile);
		const isAbsent = prepareFile(file);
		const isNew = isAbsent && !putEmptyDatabase(file, world.clock.now());
		if (!isNew) takeBackUnfinished(file);
		const verified = isNew ? undefined : openVerified(file);
		const backup = verified ? undefined : await bringUpToDate(options, isNew);
		return { database: connect(verified ?? openReader(file), options, isAbsent || isOurs), ...(backup && { backup }) };
	} catch (error) {
		throw startupFailure(error, file);
	}
}

/** Make the folder and check what is there; true when there is no database yet. */
function prepareFile(file: string): boolean {
	const folder = dirname(file);
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
		if (!existsSync(file)) return true;
		accessSync(file, constants.R_OK | constants.W_OK);
		closeToOthers(folder, file);
	} catch (error) {
		throw new StartupError(
			`${file} cannot be written: ${messageOf(error)}`,
			"Make it and its folder yours and writable (chmod u+rwX), or set SIGNET_PATH to another workspace.",
		);
	}
	return statSync(file).size === 0 || !demandHeader(file);
}

/** Other programs leave databases as open as the system makes them. What is not ours to close stays as it is. */
function closeToOthers(folder: string, file: string): void {
	for (const path of [folder, file, `${file}-wal`, `${file}-shm`]) {
		try {
			const { mode } = statSync(path);
			if ((mode & 0o077) !== 0) chmodSync(path, mode & 0o700);
		} catch {
			// It is not there, or belongs to somebody else, who then decides.
		}
	}
}

/** Throws unless the file begins like an SQLite database. */
function demandHeader(file: string): true {
	const start = Buffer.alloc(SQLITE_HEADER.length);
	const descriptor = openSync(file, "r");
	try {
		readSync(descriptor, start, 0, start.length, 0);
	} finally {
		closeSync(descriptor);
	}
	if (start.toString("latin1") === SQLITE_HEADER) return true;
	throw new StartupError(
		`${file} is no SQLite database`,
		"It was left as it is. Move it away to start afresh, or put back a backup (memories.db.bak-* beside it).",
	);
}

/** What was killed amid a change, an upgrade for instance, leaves a journal that no reader can take back. */
function takeBackUnfinished(file: string): void {
	if (!existsSync(`${file}-journal`)) return;
	const writer = openWriter(file);
	try {
		writer.query("SELECT count(*) FROM sqlite_master").get();
	} finally {
		writer.close();
	}
}

/** A reader of the file, if we have looked it over before and its schema has not changed since; most often so. */
function openVerified(file: string): SqliteFile | undefined {
	const reader = openReader(file);
	try {
		if (isSchemaVerified(reader)) return reader;
	} catch (error) {
		reader.close();
		throw error;
	}
	reader.close();
	return undefined;
}

/** Look the file over, and upgrade it if it needs that; gives the path of the copy that was made before. */
async function bringUpToDate({ file, world }: SqliteOptions, isNew: boolean): Promise<string | undefined> {
	const { planUpgrade, repairFullText, upgrade } = await import("./schema/upgrade.ts");
	if (!isNew) inspect(file, planUpgrade);
	const writer = openWriter(file);
	try {
		if (isNew) useWriteAheadLog(writer);
		const plan = planUpgrade(writer);
		const backup = plan.isNeeded && !isNew ? backUp(writer, file, plan.version, world.clock.now()) : undefined;
		if (plan.isNeeded) upgrade(writer, plan, world.clock.now);
		useWriteAheadLog(writer);
		if (!plan.isNeeded) repairFullText(writer);
		if (isNew) markWrittenByUs(writer);
		markSchemaVerified(writer);
		return backup;
	} finally {
		writer.close();
	}
}

/** Look before anything could write. */
function inspect(file: string, look: (db: SqliteFile) => unknown): void {
	const db = new SqliteFile(file, { readonly: true });
	try {
		look(db);
	} finally {
		db.close();
	}
}

function connect(
	reader: SqliteFile,
	{ file, world, vectorTable, stampFile, onDerivationFailure }: SqliteOptions,
	isAsWeLeftIt: boolean,
): Database {
	const writer = openWriter(file);
	const rest = new Rest(world, IDLE_MS, () => {
		for (const connection of [reader, writer]) connection.run("PRAGMA shrink_memory");
	});
	const statements = new Statements(reader);
	const foreign = new ForeignWrites(writer, file, { stampFile, isAsWeLeftIt });
	const log = new LogMover(writer, file, world.timers);
	const queue = new WriteQueue(writer, world.timers, onDerivationFailure, (statements) => log.committed(statements));
	let closing: Promise<void> | undefined;
	return {
		async read(work) {
			rest.used();
			try {
				return await work(statements);
			} catch (error) {
				throw requestFailure(error);
			}
		},
		write(work) {
			rest.used();
			return queue.add(work);
		},
		writeSoon(work) {
			rest.used();
			return queue.addSoon(work);
		},
		beforeCommit: (work) => queue.beforeCommit(work),
		vectorTable: new SqliteVectorTable(writer, vectorTable),
		eraseElsewhere: eraseFromLaterTables,
		scrub: () => scrub({ file, writer, queue, log, foreign, timers: world.timers }),
		embeddingFacts: () => workInThread("embedding-facts", file),
		close() {
			rest.stop();
			closing ??= queue.close().then(async () => {
				await log.end();
				reader.close();
				emptyLog(writer);
				const left = foreign.leave();
				writer.close();
				left();
			});
			return closing;
		},
	};
}
