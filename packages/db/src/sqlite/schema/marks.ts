import type { Database } from "bun:sqlite";

/** What is known of a file as a whole, in `sgn_state`. */
const FULL_TEXT_BEHIND = "full-text-behind";
const WRITTEN_BY_US = "written-by-us";

/** Whether everything in the file was written by us, who overwrite what we delete. */
export function isWrittenByUs(db: Database): boolean {
	return has(db, WRITTEN_BY_US);
}

export function markWrittenByUs(db: Database): void {
	set(db, WRITTEN_BY_US);
}

/** Another program has written to the file, which does not overwrite what it deletes. */
export function clearWrittenByUs(db: Database): void {
	db.run("DELETE FROM sgn_state WHERE key = ?", [WRITTEN_BY_US]);
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
