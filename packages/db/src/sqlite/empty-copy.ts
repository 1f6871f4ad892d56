import { Database } from "bun:sqlite";
import sql, { join, raw, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { Statements } from "./connection.ts";

const CACHE_KIB = 16_000;

/**
 * A database that has the tables of another one, and of its rows only those that are copied: there anything can be tried.
 * It is in no file that has a name, and goes away when it is closed, or with the process.
 */
export class EmptyCopy {
	readonly writer: Writer;

	private constructor(private readonly db: Database) {
		this.writer = new Statements(db);
	}

	/** Without triggers and full-text tables: they are for those who search. */
	static async of(reader: Reader): Promise<EmptyCopy> {
		const parts = await reader.all<{ name: string; table: string; text: string }>(sql`
			SELECT name, tbl_name AS "table", sql AS text FROM sqlite_master
			WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC`);
		const virtual = parts.filter(({ text }) => /^\s*CREATE VIRTUAL/i.test(text)).map(({ name }) => name);
		const isPlain = (table: string) => !virtual.some((name) => table === name || table.startsWith(`${name}_`));
		const db = new Database("");
		try {
			db.run("PRAGMA journal_mode = MEMORY");
			db.run("PRAGMA synchronous = OFF");
			db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
			for (const { table, text } of parts) if (isPlain(table)) db.run(text);
			// Nothing of it is ever kept.
			db.run("BEGIN");
			return new EmptyCopy(db);
		} catch (error) {
			db.close();
			throw error;
		}
	}

	/** Copy rows as they are, in the order in which they came, unless they are here. Resolves to how many that were. */
	async copy(reader: Reader, table: string, condition: Sql): Promise<number> {
		let copied = 0;
		for (const row of await reader.all<Record<string, unknown>>(sql`SELECT * FROM ${raw(table)} WHERE ${condition}`)) {
			const names = Object.keys(row).map((name) => `"${name}"`);
			copied += await this.writer.run(sql`
				INSERT OR IGNORE INTO ${raw(table)} (${raw(names.join(", "))}) VALUES (${join(Object.values(row))})`);
		}
		return copied;
	}

	close(): void {
		this.db.close();
	}
}
