import { Database } from "bun:sqlite";
import { constants, copyFileSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf, StartupError } from "@signet/core";

const KEPT_BACKUPS = 5;
/** The newest is kept whatever its size, the others as long as all of them together are no larger. */
const KEPT_BYTES = 2 * 1024 ** 3;

const UNFINISHED = ".part";

/** Room left over beside the copy, for the migration itself. */
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Copy a database before it is changed to `<file>.bak-v<version>-<epoch ms>`, prove that the copy is sound, and remove
 * all but the newest five, fewer where they are large. The writer must be open and nobody else writing.
 */
export function backUp(writer: Database, file: string, version: number, nowMs: number, copy = cloneFile): string {
	emptyLogInto(writer, file);
	demandSpace(file);
	const backup = `${file}.bak-v${version}-${nowMs}`;
	removeUnfinished(file);
	try {
		copy(file, backup + UNFINISHED);
		demandSound(backup + UNFINISHED, file);
		demandSameRows(backup + UNFINISHED, writer);
		renameSync(backup + UNFINISHED, backup);
	} catch (error) {
		throw copyFailure(error, file);
	} finally {
		removeUnfinished(file);
	}
	removeOldBackups(file, backup);
	return backup;
}

function cloneFile(from: string, to: string): void {
	copyFileSync(from, to, constants.COPYFILE_FICLONE);
}

/** SQLite's failures are told elsewhere; these are the file system's. */
function copyFailure(error: unknown, file: string): unknown {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	if (code === "ENOSPC" || code === "EDQUOT") {
		return new StartupError(
			`${file} must be backed up before it is upgraded, and the disk is full`,
			"Free some space, for example by moving old memories.db.bak-* files elsewhere, and start again. Nothing was changed.",
		);
	}
	if (error instanceof StartupError || typeof code !== "string" || code.startsWith("SQLITE_")) return error;
	return new StartupError(
		`${file} must be backed up before it is upgraded, and the copy failed: ${messageOf(error)}`,
		"Make its folder writable for you and see whether the disk is sound, and start again. Nothing was changed.",
	);
}

/** Also what a process that was killed amid a copy has left. */
function removeUnfinished(file: string): void {
	for (const name of backupsOf(file)) {
		if (/\.part(-wal|-shm|-journal)?$/.test(name)) rmSync(join(dirname(file), name), { force: true });
	}
}

function backupsOf(file: string): string[] {
	return readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.bak-v`));
}

/** A copy of the file alone is only complete when nothing is left in the write-ahead log. */
function emptyLogInto(writer: Database, file: string): void {
	const checkpoint = writer.query<{ busy: number }, []>("PRAGMA main.wal_checkpoint(TRUNCATE)").get();
	if (checkpoint?.busy) {
		throw new StartupError(
			`${file} must be backed up before it is upgraded, but another program is using it`,
			"Close it (another daemon, an import, a database browser) and start again. Nothing was changed.",
		);
	}
}

function demandSpace(file: string): void {
	const { bsize, bavail } = statfsSync(dirname(file));
	const needed = statSync(file).size + SPARE_BYTES;
	const free = bsize * bavail;
	if (free >= needed) return;
	const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`;
	throw new StartupError(
		`${file} must be backed up before it is upgraded; that takes ${megabytes(needed)}, and ${megabytes(free)} are free`,
		"Free some space, for example by moving old memories.db.bak-* files elsewhere, and start again. Nothing was changed.",
	);
}

function demandSound(copy: string, file: string): void {
	const db = new Database(copy);
	try {
		const findings = db
			.query<{ integrity_check: string }, []>("PRAGMA integrity_check(3)")
			.all()
			.map((row) => row.integrity_check)
			.filter((finding) => finding !== "ok" && !isAboutFullText(finding));
		if (findings.length === 0) return;
		throw new StartupError(
			`${file} is damaged and was not upgraded: ${findings.join("; ")}`,
			"The file was left as it is. Put back a backup (memories.db.bak-* beside it), or save what can be read: sqlite3 memories.db .recover",
		);
	} finally {
		db.close();
	}
}

/** The copy must have every row of every table, or it is none. */
function demandSameRows(copy: string, writer: Database): void {
	const db = new Database(copy, { readonly: true });
	try {
		for (const table of ordinaryTables(writer)) {
			const [copied, original] = [countRows(db, table), countRows(writer, table)];
			if (copied !== original) throw new Error(`the backup has ${copied} of ${original} rows of ${table}`);
		}
	} finally {
		db.close();
	}
}

/** Those that need no module to be counted. */
function ordinaryTables(db: Database): string[] {
	return db
		.query<{ name: string }, []>(
			"SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'",
		)
		.all()
		.map(({ name }) => name);
}

function countRows(db: Database, table: string): number | undefined {
	return db.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM "${table.replaceAll('"', '""')}"`).get()?.rows;
}

/** A full-text index that does not follow its table is a known ailment of old files, and the upgrade mends it. */
function isAboutFullText(finding: string): boolean {
	return /memories_fts|fts5/i.test(finding);
}

/** Whatever the clock said when the others were made: the copy of what is changed now stays. */
function removeOldBackups(file: string, newest: string): void {
	const others = backupsOf(file)
		.map((name) => ({ path: join(dirname(file), name), stat: statSync(join(dirname(file), name)) }))
		.filter(({ path }) => path !== newest)
		.sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
	let bytes = statSync(newest).size;
	for (const [at, { path, stat }] of others.entries()) {
		bytes += stat.size;
		if (at + 1 >= KEPT_BACKUPS || bytes > KEPT_BYTES) rmSync(path, { force: true });
	}
}
