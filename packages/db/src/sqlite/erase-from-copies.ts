import { Database } from "bun:sqlite";
import { chmodSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "@signet/core";
import { type Erased, readErased } from "./erased-texts.ts";
import { isStorageFailure, isUnreadable } from "./failures.ts";
import { isFollowingFullText } from "./full-text.ts";
import { fullTextTables } from "./merge-full-text.ts";
import { quoted } from "./quoted.ts";

/** Tables with what belongs to a memory, by the column that names it. */
const BELONGINGS: Readonly<Record<string, string>> = {
	memory_history: "memory_id",
	memory_jobs: "memory_id",
	memory_hints: "memory_id",
	memory_entity_mentions: "memory_id",
	embeddings: "source_id",
	sgn_documents: "memory_id",
};
/** Holds texts of all memories, and is made anew when it is asked for. */
const DRAWN = "umap_cache";

const COPY = /^\d+-\d+$/;
const UNFINISHED = /^\d+-\d+\.part(-journal)?$/;

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
	for (const copy of besides(file, COPY)) {
		try {
			if (eraseFromCopy(copy, erased)) changed.push(copy);
		} catch (error) {
			problems.push(`${basename(copy)}: ${messageOf(error)}`);
		}
	}
	return { changed, problems };
}

/** Whether there are copies of a database. What a copy that was being written anew has left, when it was killed, goes. */
export function hasCopies(file: string): boolean {
	for (const unfinished of besides(file, UNFINISHED)) rmSync(unfinished, { force: true });
	return besides(file, COPY).length > 0;
}

/** Paths of the copies of a database whose names go on like that. */
function besides(file: string, rest: RegExp): string[] {
	const prefix = `${basename(file)}.bak-v`;
	return readdirSync(dirname(file))
		.filter((name) => name.startsWith(prefix) && rest.test(name.slice(prefix.length)))
		.map((name) => join(dirname(file), name));
}

/** Whether the copy was changed. */
function eraseFromCopy(copy: string, erased: Erased): boolean {
	const replacement = `${copy}.part`;
	const { atime, mtime } = statSync(copy);
	removeFiles(replacement, ["", "-journal"]);
	try {
		if (!isReadable(copy)) {
			removeFiles(copy, ["", "-wal", "-shm", "-journal"]);
			return true;
		}
		if (!holdsAny(copy, erased, replacement)) return false;
		eraseFrom(replacement, erased);
		// The oldest copies go first, and it is as old as it was.
		utimesSync(replacement, atime, mtime);
		// What a program that looked into the copy has left there is in the replacement.
		removeFiles(copy, ["-wal", "-shm", "-journal"]);
		renameSync(replacement, copy);
		return true;
	} finally {
		removeFiles(replacement, ["", "-journal"]);
	}
}

function removeFiles(path: string, suffixes: readonly string[]): void {
	for (const suffix of suffixes) rmSync(path + suffix, { force: true });
}

/** Whether it is a database at all, whose memories can be read. */
function isReadable(copy: string): boolean {
	const db = new Database(copy, { readwrite: true });
	try {
		const hasMemories = db.query("SELECT 1 FROM sqlite_master WHERE name = 'memories'").get() !== null;
		if (hasMemories) db.query("SELECT max(length(content)) FROM memories").get();
		return true;
	} catch (error) {
		if (!isUnreadable(error)) throw error;
		return false;
	} finally {
		db.close();
	}
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
	return tablesWithTexts(db).map(({ table, idColumn }) => {
		const places: number[] = [];
		const names = new Set<string>();
		const rows = db.query<{ place: number; id: string | number | null; content: unknown }, []>(
			`SELECT rowid AS place, ${quoted(idColumn)} AS id, content FROM ${quoted(table)}`,
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

/** `memories`, what a later version of the reference has moved out of it, and copies that somebody made of it. */
function tablesWithTexts(db: Database): { table: string; idColumn: string }[] {
	return [...tablesOf(db)]
		.filter((table) => table === "memories" || (/^memories_(?!fts)/.test(table) && !table.startsWith("sgn_")))
		.flatMap((table) => {
			const columns = db.query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)").all(table);
			const names = columns.map(({ name }) => name);
			const idColumn = ["memory_id", "id"].find((name) => names.includes(name));
			return idColumn && names.includes("content") ? [{ table, idColumn }] : [];
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
			withoutForeignTriggers(db, () => {
				const meant = meantIn(db, erased);
				const ids = new Set([...erased.ids, ...meant.flatMap(({ names }) => [...names])]);
				for (const { table, places } of meant) {
					// By its place: in old files it may lack an id.
					for (const place of places) db.run(`DELETE FROM ${quoted(table)} WHERE rowid = ?`, [place]);
				}
				for (const [table, column] of Object.entries(BELONGINGS)) {
					if (!tables.has(table)) continue;
					// Numbers are ids too, in the oldest of them.
					for (const id of ids) db.run(`DELETE FROM ${table} WHERE CAST(${column} AS TEXT) = ?`, [id]);
				}
				if (tables.has(DRAWN)) db.run(`DELETE FROM ${DRAWN}`);
				removeUnmentioned(db, tables);
			});
			renewFullText(db);
		})();
		const found = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
		if (found !== "ok") throw new Error(`what was written is not sound: ${found}`);
	} finally {
		db.close();
	}
}

/** Entities that were only known from what is gone. Those that nobody ever mentioned stay. */
function removeUnmentioned(db: Database, tables: ReadonlySet<string>): void {
	if (!tables.has("entities") || !tables.has("memory_entity_mentions")) return;
	const unmentioned =
		"mentions > 0 AND NOT EXISTS (SELECT 1 FROM memory_entity_mentions x WHERE x.entity_id = entities.id)";
	if (tables.has("relations")) {
		const gone = `SELECT id FROM entities WHERE ${unmentioned}`;
		db.run(`DELETE FROM relations WHERE source_entity_id IN (${gone}) OR target_entity_id IN (${gone})`);
	}
	db.run(`DELETE FROM entities WHERE ${unmentioned}`);
}

/** Do something that no trigger of another program is to follow: in old files they may fail. */
function withoutForeignTriggers(db: Database, work: () => void): void {
	const triggers = db
		.query<{ name: string; sql: string; tbl_name: string }, []>(
			"SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'",
		)
		.all()
		.filter(({ tbl_name }) => !tbl_name.startsWith("sgn_"));
	for (const { name } of triggers) db.run(`DROP TRIGGER ${quoted(name)}`);
	work();
	for (const { sql } of triggers) db.run(sql);
}

/** Full-text tables hold what was deleted until they are made anew, or merged. */
function renewFullText(db: Database): void {
	for (const name of fullTextTables(db)) {
		if (name === "sgn_lexicon") db.run(`INSERT INTO ${name} (${name}) VALUES ('optimize')`);
		else if ((name === "memories_fts" && !isFollowingFullText(db)) || !rebuilds(db, name)) {
			db.run(`DROP TABLE ${quoted(name)}`);
		}
	}
}

/** What cannot be made anew was of no use, and may hold what is to go; whoever opens the copy makes it again. */
function rebuilds(db: Database, name: string): boolean {
	try {
		db.run(`INSERT INTO ${quoted(name)} (${quoted(name)}) VALUES ('rebuild')`);
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
