import type { Database } from "bun:sqlite";
import type { ColumnDescription, IndexDescription, TableDescription } from "./reference-tables.ts";

/** What a file has: its tables with their columns, and the SQL of everything that has a name. */
export class Structure {
	readonly #columns = new Map<string, Set<string>>();
	readonly #definitions = new Map<string, string>();

	constructor(private readonly db: Database) {
		const objects = db.query<{ name: string; sql: string | null }, []>("SELECT name, sql FROM sqlite_master").all();
		for (const { name, sql } of objects) this.#definitions.set(name, sql ?? "");
		// Virtual tables are left out: asking for their columns needs their module, which may not be loaded.
		const columns = db
			.query<{ table: string; column: string }, []>(
				`SELECT m.name AS "table", c.name AS "column" FROM sqlite_master m, pragma_table_info(m.name) c
				WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'`,
			)
			.all();
		for (const { table, column } of columns) this.#remember(table, column);
	}

	/** Names of the tables, without those of SQLite and virtual ones. */
	get tables(): string[] {
		return [...this.#columns.keys()].filter((name) => !name.startsWith("sqlite_"));
	}

	/** Whether there is a table, index or trigger of that name. */
	has(name: string): boolean {
		return this.#definitions.has(name);
	}

	/** The statement that made it, as the file keeps it; empty when there is none. */
	definitionOf(name: string): string {
		return this.#definitions.get(name) ?? "";
	}

	hasColumn(table: string, column: string): boolean {
		return this.#columns.get(table)?.has(column) ?? false;
	}

	hasColumns(table: string, columns: readonly string[]): boolean {
		return columns.every((column) => this.hasColumn(table, column));
	}

	/** Make the table with what `version` knows of it, or add the columns that it lacks. Rows are kept. */
	ensureTable(table: TableDescription, version: number): void {
		const known = table.columns.filter(({ since = table.since }) => since <= version);
		if (!this.has(table.name)) {
			const parts = [...known.map(({ name, definition }) => `${name} ${definition}`), ...(table.constraints ?? [])];
			this.run(table.name, `CREATE TABLE ${table.name} (${parts.join(", ")})`);
			for (const { name } of known) this.#remember(table.name, name);
			return;
		}
		for (const column of known) this.ensureColumn(table.name, column);
	}

	ensureColumn(table: string, { name, definition }: ColumnDescription): void {
		if (this.hasColumn(table, name)) return;
		// SQLite adds no column that is NOT NULL without a default to a table that has rows.
		const addable = /NOT NULL(?!.*DEFAULT)/.test(definition) ? `${definition} DEFAULT ''` : definition;
		this.db.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${addable}`);
		this.#remember(table, name);
	}

	ensureIndex({ name, unique, on }: IndexDescription): void {
		if (!this.has(name)) this.run(name, `CREATE ${unique ? "UNIQUE " : ""}INDEX ${name} ON ${on}`);
	}

	/** Run a statement that makes `name`. */
	run(name: string, sql: string): void {
		this.db.run(sql);
		this.#definitions.set(name, sql);
	}

	drop(kind: "TABLE" | "INDEX" | "TRIGGER", name: string): void {
		if (!this.has(name)) return;
		this.db.run(`DROP ${kind} ${name}`);
		this.#definitions.delete(name);
		this.#columns.delete(name);
	}

	#remember(table: string, column: string): void {
		const columns = this.#columns.get(table) ?? new Set();
		this.#columns.set(table, columns.add(column));
	}
}
