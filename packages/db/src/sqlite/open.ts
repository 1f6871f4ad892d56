import { Database as SqliteFile } from "bun:sqlite";
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartupError, type World } from "@signet/core";
import type { Database } from "../database.ts";
import { backUp } from "./backup.ts";
import { openReader, openWriter, Statements, useWriteAheadLog } from "./connection.ts";
import { requestFailure, startupFailure } from "./failures.ts";
import { planUpgrade, repairFullText, upgrade } from "./schema/upgrade.ts";
import { SqliteVectorTable, type VectorTableOptions } from "./vector-table.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SqliteOptions {
	readonly file: string;
	readonly world: Pick<World, "clock">;
	readonly vectorTable: VectorTableOptions;
	/** Told of work before a commit that failed; the commit went on without it. */
	readonly onDerivationFailure: (error: unknown) => void;
}

export interface OpenedDatabase {
	readonly database: Database;
	/** Path of the copy that was made because the file had to be upgraded. */
	readonly backup?: string;
}

const SQLITE_HEADER = "SQLite format 3\0";

/**
 * Open the database of a workspace, making or upgrading it as needed. The caller owns the workspace. Throws a
 * `StartupError` with the file as it was when that cannot be done.
 */
export function openSqlite(options: SqliteOptions): OpenedDatabase {
	const { file, world } = options;
	try {
		const isNew = prepareFile(file);
		if (!isNew) inspect(file);
		const writer = openWriter(file);
		try {
			const backup = bringUpToDate(writer, file, isNew, world);
			return { database: connect(writer, options), ...(backup && { backup }) };
		} catch (error) {
			writer.close();
			throw error;
		}
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
	} catch (error) {
		throw new StartupError(
			`${file} cannot be written: ${error instanceof Error ? error.message : error}`,
			"Make it and its folder yours and writable (chmod u+rwX), or set SIGNET_PATH to another workspace.",
		);
	}
	return statSync(file).size === 0 || !demandHeader(file);
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

/** Look at the file before anything could write to it. */
function inspect(file: string): void {
	const db = new SqliteFile(file, { readonly: true });
	try {
		planUpgrade(db);
	} finally {
		db.close();
	}
}

function bringUpToDate(
	writer: SqliteFile,
	file: string,
	isNew: boolean,
	{ clock }: Pick<World, "clock">,
): string | undefined {
	if (isNew) useWriteAheadLog(writer);
	const plan = planUpgrade(writer);
	if (plan.isNeeded) {
		const backup = isNew ? undefined : backUp(writer, file, plan.version, clock.now());
		upgrade(writer, plan, clock.now);
		useWriteAheadLog(writer);
		return backup;
	}
	useWriteAheadLog(writer);
	repairFullText(writer);
	return undefined;
}

function connect(writer: SqliteFile, { file, vectorTable, onDerivationFailure }: SqliteOptions): Database {
	const reader = openReader(file);
	const statements = new Statements(reader);
	const queue = new WriteQueue(writer, onDerivationFailure);
	let closing: Promise<void> | undefined;
	return {
		async read(work) {
			try {
				return await work(statements);
			} catch (error) {
				throw requestFailure(error);
			}
		},
		write: (work) => queue.add(work),
		beforeCommit: (work) => queue.beforeCommit(work),
		vectorTable: new SqliteVectorTable(writer, vectorTable),
		close() {
			closing ??= queue.idle().then(() => {
				reader.close();
				writer.run("PRAGMA main.wal_checkpoint(TRUNCATE)");
				writer.close();
			});
			return closing;
		},
	};
}
