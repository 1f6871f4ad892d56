import { Database } from "bun:sqlite";

/** The database of another program, to be read and never changed. */
export class ForeignFile implements Disposable {
	readonly #db: Database;

	/** Throws when the file is no database. */
	constructor(path: string) {
		this.#db = new Database(path, { readonly: true });
		this.#db.query("SELECT count(*) FROM sqlite_master").get();
	}

	/** Names of the tables. */
	tables(): string[] {
		const rows = this.#db.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
		return rows.map(({ name }) => name);
	}

	/** All rows of a table in their order, a few at a time. */
	*rows(table: string, atATime = 200): Iterable<Record<string, unknown>> {
		const statement = this.#db.query<Record<string, unknown>, [number, number]>(
			`SELECT rowid AS "rowid#", * FROM "${table.replaceAll('"', '""')}" WHERE rowid > ? ORDER BY rowid LIMIT ?`,
		);
		for (let after = 0, found = atATime; found === atATime; ) {
			const page = statement.all(after, atATime);
			yield* page;
			found = page.length;
			after = Number(page.at(-1)?.["rowid#"] ?? after);
		}
	}

	[Symbol.dispose](): void {
		this.#db.close();
	}
}
