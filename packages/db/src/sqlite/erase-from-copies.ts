import { Database } from "bun:sqlite";
import { chmodSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf, normaliseContent, textFingerprint } from "@signet/core";
import { ABSENCE_KEY } from "../stores/erased.ts";
import { openReader } from "./connection.ts";
import { isStorageFailure, isUnreadable } from "./failures.ts";
import { isFollowingFullText } from "./full-text.ts";
import { fullTextTables } from "./merge-full-text.ts";
import { quoted } from "./quoted.ts";

/** Tables with texts of memories, by the column that names the memory. */
const TEXTS: Readonly<Record<string, string>> = { memories: "id", memories_cold: "memory_id" };

/** Tables with what belongs to a memory, by the column that names it. */
const BELONGINGS: Readonly<Record<string, string>> = {
	memory_history: "memory_id",
	memory_jobs: "memory_id",
	memory_hints: "memory_id",
	embeddings: "source_id",
	sgn_documents: "memory_id",
};

/** What must not be in any copy. */
interface Erased {
	/** Memories whose erasure has not come to its end. */
	readonly ids: ReadonlySet<string>;
	isErased(text: string): boolean;
}

/** What became of the copies of a database. */
export interface CopiesErased {
	/** Paths of those that were written anew, or removed because nobody can say what is in them. */
	readonly changed: readonly string[];
	/** Why something may be left in one, in words for a person. */
	readonly problems: readonly string[];
}

/**
 * Remove what was erased from a database from the copies of it that were made before upgrades. Each copy is replaced as a
 * whole or left as it is. Takes as long as they are large, and keeps the thread busy.
 */
export function eraseFromCopies(file: string): CopiesErased {
	const erased = readErased(file);
	const changed: string[] = [];
	const problems: string[] = [];
	for (const copy of copiesOf(file)) {
		try {
			if (eraseFromCopy(copy, erased)) changed.push(copy);
		} catch (error) {
			problems.push(`${basename(copy)}: ${messageOf(error)}`);
		}
	}
	return { changed, problems };
}

/** Paths of the copies of a database that were made before upgrades. */
export function copiesOf(file: string): string[] {
	const prefix = `${basename(file)}.bak-v`;
	const isCopy = (name: string) => name.startsWith(prefix) && /^\d+-\d+$/.test(name.slice(prefix.length));
	return readdirSync(dirname(file))
		.filter(isCopy)
		.map((name) => join(dirname(file), name));
}

function readErased(file: string): Erased {
	const db = openReader(file);
	try {
		const key = db
			.query<{ value: string }, [string]>("SELECT value FROM sgn_state WHERE key = ?")
			.get(ABSENCE_KEY)?.value;
		const fingerprints = db.query<{ fingerprint: string }, []>("SELECT fingerprint FROM sgn_erased").all();
		const ids = db
			.query<{ id: string }, []>(
				"SELECT memory_id AS id FROM memory_jobs WHERE job_type = 'erase' AND status <> 'completed'",
			)
			.all();
		const known = new Set(fingerprints.map(({ fingerprint }) => fingerprint));
		return {
			ids: new Set(ids.map(({ id }) => id)),
			isErased: (text) => key !== undefined && known.has(textFingerprint(key, normaliseContent(text))),
		};
	} finally {
		db.close();
	}
}

/** Whether the copy was changed. */
function eraseFromCopy(copy: string, erased: Erased): boolean {
	const replacement = `${copy}.part`;
	removeFiles(replacement, ["", "-journal"]);
	try {
		if (!holdsAny(copy, erased, replacement)) return false;
		eraseFrom(replacement, erased);
		renameSync(replacement, copy);
	} catch (error) {
		if (!isUnreadable(error)) throw error;
		rmSync(copy);
	} finally {
		removeFiles(replacement, ["", "-journal"]);
	}
	// What a program that looked into the copy has left there belongs to what it was.
	removeFiles(copy, ["-wal", "-shm", "-journal"]);
	return true;
}

function removeFiles(path: string, suffixes: readonly string[]): void {
	for (const suffix of suffixes) rmSync(path + suffix, { force: true });
}

/** Look for what was erased; when there is any, `replacement` becomes a copy of the copy. */
function holdsAny(copy: string, erased: Erased, replacement: string): boolean {
	const db = new Database(copy, { readwrite: true });
	try {
		const isThere = meantIn(db, erased).some(({ places }) => places.length > 0) || hasBelongings(db, erased.ids);
		if (isThere) db.run("VACUUM INTO ?", [replacement]);
		return isThere;
	} finally {
		db.close();
	}
}

/** Rows of memories that were erased, and the ids they go by there: a copy from before a conversion has others. */
function meantIn(db: Database, { ids, isErased }: Erased) {
	const tables = tablesOf(db);
	return Object.entries(TEXTS)
		.filter(([table]) => tables.has(table))
		.map(([table, column]) => {
			const places: number[] = [];
			const names = new Set<string>();
			const rows = db.query<{ place: number; id: string | number | null; content: unknown }, []>(
				`SELECT rowid AS place, ${column} AS id, content FROM ${table}`,
			);
			for (const { place, id, content } of rows.iterate()) {
				const isMeant = ids.has(String(id)) || (typeof content === "string" && isErased(content));
				if (!isMeant) continue;
				places.push(place);
				if (id !== null) names.add(String(id));
			}
			return { table, places, names };
		});
}

function hasBelongings(db: Database, ids: ReadonlySet<string>): boolean {
	const tables = tablesOf(db);
	return Object.entries(BELONGINGS).some(
		([table, column]) =>
			tables.has(table) &&
			[...ids].some((id) => db.query(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`).get(id) !== null),
	);
}

/** The file was written a moment ago and has nothing but its rows: overwriting what is deleted leaves nothing of it. */
function eraseFrom(file: string, erased: Erased): void {
	chmodSync(file, 0o600);
	const db = new Database(file, { readwrite: true });
	try {
		db.run("PRAGMA secure_delete = ON");
		db.run("PRAGMA journal_mode = MEMORY");
		const tables = tablesOf(db);
		db.transaction(() => {
			withoutTriggers(db, "memories", () => {
				const meant = meantIn(db, erased);
				const ids = new Set([...erased.ids, ...meant.flatMap(({ names }) => [...names])]);
				for (const { table, places } of meant) {
					// By its place: in old files it may lack an id.
					for (const place of places) db.run(`DELETE FROM ${table} WHERE rowid = ?`, [place]);
				}
				for (const [table, column] of Object.entries(BELONGINGS)) {
					if (!tables.has(table)) continue;
					// Numbers are ids too, in the oldest of them.
					for (const id of ids) db.run(`DELETE FROM ${table} WHERE CAST(${column} AS TEXT) = ?`, [id]);
				}
			});
			renewFullText(db);
		})();
		const found = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
		if (found !== "ok") throw new Error(`what was written is not sound: ${found}`);
	} finally {
		db.close();
	}
}

/** Do something to a table that its triggers are not to follow: in old files they may fail. */
function withoutTriggers(db: Database, table: string, work: () => void): void {
	const triggers = db
		.query<{ name: string; sql: string }, [string]>(
			"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
		)
		.all(table);
	for (const { name } of triggers) db.run(`DROP TRIGGER ${quoted(name)}`);
	work();
	for (const { sql } of triggers) db.run(sql);
}

/** Full-text tables hold what was deleted until they are made anew, or merged. */
function renewFullText(db: Database): void {
	for (const name of fullTextTables(db)) {
		if (name !== "memories_fts") db.run(`INSERT INTO ${quoted(name)} (${quoted(name)}) VALUES ('optimize')`);
		else if (!isFollowingFullText(db) || !rebuilds(db)) db.run("DROP TABLE memories_fts");
	}
}

/** What cannot be made anew was of no use, and may hold what is to go; whoever opens the copy makes it again. */
function rebuilds(db: Database): boolean {
	try {
		db.run("INSERT INTO memories_fts (memories_fts) VALUES ('rebuild')");
		return true;
	} catch (error) {
		if (isStorageFailure(error)) throw error;
		return false;
	}
}

function tablesOf(db: Database): Set<string> {
	const tables = db.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
	return new Set(tables.map(({ name }) => name));
}
