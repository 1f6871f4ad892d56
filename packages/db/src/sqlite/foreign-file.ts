import { constants, Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { quoted } from "./quoted.ts";

/** Longer values are no texts that anybody remembers; in bytes. */
const MAX_VALUE_BYTES = 4_000_000;

/** The database of another program, to be read and never changed. */
export class ForeignFile implements Disposable {
	readonly #db: Database;

	/** Throws when the file is no database. */
	constructor(path: string) {
		this.#db = openUntouched(path);
		// What a hostile file defines must not run.
		this.#db.run("PRAGMA trusted_schema = OFF");
		this.#db.query("SELECT count(*) FROM sqlite_master").get();
	}

	/** Names of the tables. */
	tables(): string[] {
		const rows = this.#db
			.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
			.all();
		return rows.map(({ name }) => name);
	}

	/** All rows of a table in their order, a few at a time, each with its number. Values that are too long are null. */
	*rows(table: string, atATime = 200): Iterable<{ readonly number: number; readonly row: Record<string, unknown> }> {
		const columns = this.#db
			.query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)")
			.all(table)
			.map(({ name }) => quoted(name));
		const values = columns.map((column) => `iif(length(${column}) > ${MAX_VALUE_BYTES}, NULL, ${column}) AS ${column}`);
		const statement = this.#db.query<Record<string, unknown>, [number, number]>(
			`SELECT rowid AS "${NUMBER}", ${values.join(", ")} FROM ${quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
		);
		for (let after = Number.MIN_SAFE_INTEGER, found = atATime; found === atATime; ) {
			const page = statement.all(after, atATime);
			for (const { [NUMBER]: number, ...row } of page) yield { number: Number(number), row };
			found = page.length;
			after = Number(page.at(-1)?.[NUMBER] ?? after);
		}
	}

	[Symbol.dispose](): void {
		this.#db.close();
	}
}

const NUMBER = "rowid#";

/**
 * Even a reader makes files beside a database that keeps a log. Where there is no log to be read, the file is taken as one
 * that nobody changes; where there is one, its owner's files are there already.
 */
function openUntouched(path: string): Database {
	const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
	if (hasLog) return new Database(path, { readonly: true });
	const address = `file:${path.split("/").map(encodeURIComponent).join("/")}?immutable=1`;
	return new Database(address, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI);
}
