import { Database as SqliteFile } from "bun:sqlite";
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "./errors.ts";

/** A lock that at most one process holds. */
export interface FileLock {
	release(): void;
}

/**
 * Take the lock that a file stands for, waiting for whoever has it. The operating system takes it back when the process
 * ends, however it ends, so nothing has to be cleaned up after a crash. Throws what SQLite throws (`database is locked`)
 * when the time is up.
 */
export function takeFileLock(file: string, waitMs = 0): FileLock {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	// An exclusive transaction that never ends, on a file of its own: SQLite knows how to lock on every system. The file
	// must not be opened in any other way, since closing it would give up the lock.
	if (!existsSync(file)) appendFileSync(file, "", { mode: 0o600 });
	const held = new SqliteFile(file, { create: true, readwrite: true });
	try {
		held.run(`PRAGMA busy_timeout = ${waitMs}`);
		held.run("PRAGMA journal_mode = OFF");
		held.run("BEGIN EXCLUSIVE");
	} catch (error) {
		held.close();
		throw error;
	}
	return { release: () => held.close() };
}

/** Whether what `takeFileLock` threw means that somebody else has the lock. */
export function isHeldByAnother(error: unknown): boolean {
	return /locked|busy/i.test(messageOf(error));
}
