import type { Database } from "bun:sqlite";

/** What is known of a file as a whole, in `sgn_state`. */
const FULL_TEXT_BEHIND = "full-text-behind";
const WRITTEN_BY_US = "written-by-us";
/** The portable vector table was compared with `embeddings`, and nobody but us has written to the file since. */
export const VECTOR_TABLE_COMPARED = "vector-table-compared";

/** Whether everything in the file was written by us, who overwrite what we delete. */
export function isWrittenByUs(db: Database): boolean {
	return has(db, WRITTEN_BY_US);
}

export function markWrittenByUs(db: Database): void {
	set(db, WRITTEN_BY_US);
}

/**
 * Another program has written to the file: it does not overwrite what it deletes, and may have written to one of two
 * tables that belong together.
 */
export function noteForeignWrites(db: Database): void {
	// Without a need no lock is asked for.
	if (!has(db, WRITTEN_BY_US) && !has(db, VECTOR_TABLE_COMPARED)) return;
	db.run("DELETE FROM sgn_state WHERE key IN (?, ?)", [WRITTEN_BY_US, VECTOR_TABLE_COMPARED]);
}

/** Whether the full-text table knows rows by numbers that they may not have any more. */
export function isFullTextBehind(db: Database): boolean {
	return has(db, FULL_TEXT_BEHIND);
}

export function markFullTextBehind(db: Database): void {
	set(db, FULL_TEXT_BEHIND);
}

export function clearFullTextBehind(db: Database): void {
	db.run("DELETE FROM sgn_state WHERE key = ?", [FULL_TEXT_BEHIND]);
}

function has(db: Database, key: string): boolean {
	return db.query<unknown, [string]>("SELECT 1 FROM sgn_state WHERE key = ?").get(key) !== null;
}

function set(db: Database, key: string): void {
	db.run("INSERT OR REPLACE INTO sgn_state (key, value) VALUES (?, '1')", [key]);
}
