import { Database } from "bun:sqlite";
import { constants, copyFileSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StartupError } from "@signet/core";

const KEPT_BACKUPS = 5;
/** The newest is kept whatever its size, the others as long as all of them together are no larger. */
const KEPT_BYTES = 2 * 1024 ** 3;

/** Room left over beside the copy, for the migration itself. */
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Copy a database before it is changed to `<file>.bak-v<version>-<epoch ms>`, prove that the copy is sound, and remove
 * all but the newest five, fewer where they are large. The writer must be open and nobody else writing.
 */
export function backUp(writer: Database, file: string, version: number, nowMs: number): string {
	emptyLogInto(writer, file);
	demandSpace(file);
	const backup = `${file}.bak-v${version}-${nowMs}`;
	const unfinished = `${backup}.part`;
	try {
		copyFileSync(file, unfinished, constants.COPYFILE_FICLONE);
		demandSound(unfinished, file);
		demandSameRows(unfinished, writer);
		renameSync(unfinished, backup);
	} finally {
		rmSync(unfinished, { force: true });
		for (const suffix of ["-wal", "-shm"]) rmSync(unfinished + suffix, { force: true });
	}
	removeOldBackups(file);
	return backup;
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

/** The copy must have every memory, or it is none. */
function demandSameRows(copy: string, writer: Database): void {
	const rowsOf = (db: Database) =>
		db.query<{ rows: number }, []>("SELECT count(*) AS rows FROM sqlite_master WHERE name = 'memories'").get()?.rows
			? db.query<{ rows: number }, []>("SELECT count(*) AS rows FROM memories").get()?.rows
			: 0;
	const db = new Database(copy, { readonly: true });
	try {
		const [copied, original] = [rowsOf(db), rowsOf(writer)];
		if (copied !== original) throw new Error(`the backup has ${copied} of ${original} memories`);
	} finally {
		db.close();
	}
}

/** A full-text index that does not follow its table is a known ailment of old files, and the upgrade mends it. */
function isAboutFullText(finding: string): boolean {
	return /memories_fts|fts5/i.test(finding);
}

function removeOldBackups(file: string): void {
	const folder = dirname(file);
	const prefix = `${basename(file)}.bak-v`;
	const backups = readdirSync(folder)
		.filter((name) => name.startsWith(prefix))
		.map((name) => ({ path: join(folder, name), stat: statSync(join(folder, name)) }))
		.sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
	let bytes = 0;
	for (const [at, { path, stat }] of backups.entries()) {
		bytes += stat.size;
		if (at >= KEPT_BACKUPS || (at > 0 && bytes > KEPT_BYTES)) rmSync(path, { force: true });
	}
}
