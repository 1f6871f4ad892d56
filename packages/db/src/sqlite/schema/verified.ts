import type { Database } from "bun:sqlite";

const KEY = "verified-schema";

/**
 * Every change of a schema raises a counter in the file's header. While it stands where it stood when we looked the
 * file over, there is nothing new to see.
 */
export function isSchemaVerified(db: Database): boolean {
	const hasState = db.query("SELECT 1 FROM sqlite_master WHERE name = 'sgn_state'").get() !== null;
	if (!hasState) return false;
	const row = db.query<{ value: string }, [string]>("SELECT value FROM sgn_state WHERE key = ?").get(KEY);
	return row?.value === schemaCounter(db);
}

export function markSchemaVerified(db: Database): void {
	db.run("INSERT OR REPLACE INTO sgn_state (key, value) VALUES (?, ?)", [KEY, schemaCounter(db)]);
}

/** The counter, with the version of our own tables: a newer program has more to look for. */
function schemaCounter(db: Database): string {
	const counter = db.query<{ schema_version: number }, []>("PRAGMA schema_version").get()?.schema_version;
	return `${counter}/${OWN_SCHEMA_VERSION}`;
}

/** Number of our own migrations (`own-tables.ts`), here so that an ordinary start need not load them. */
export const OWN_SCHEMA_VERSION = 14;
