import type { Database } from "bun:sqlite";
import type { ColumnDescription, IndexDescription, TableDescription } from "./reference-tables.ts";

/** A column as the file has it. */
export interface FoundColumn {
	readonly name: string;
	readonly type: string;
	/** As SQL. */
	readonly defaultValue: string | null;
	/** Whether a row has to say what is in it. */
	readonly isDemanded: boolean;
	readonly isKey: boolean;
}

/** What a file has: its tables with their columns, and the SQL of everything that has a name. */
export class Structure {
	readonly #columns = new Map<string, Map<string, FoundColumn>>();
	readonly #definitions = new Map<string, string>();
	/** The tables that indices and triggers are on. */
	readonly #places = new Map<string, string>();

	constructor(private readonly db: Database) {
		const objects = db
			.query<{ name: string; place: string; sql: string | null }, []>(
				"SELECT name, tbl_name AS place, sql FROM sqlite_master",
			)
			.all();
		for (const { name, place, sql } of objects) {
			this.#definitions.set(name, sql ?? "");
			this.#places.set(name, place);
		}
		// Virtual tables are left out: asking for their columns needs their module, which may not be loaded.
		const columns = db
			.query<Omit<FoundColumn, "isDemanded" | "isKey"> & { table: string; isDemanded: number; isKey: number }, []>(
				`SELECT m.name AS "table", c.name, c.type, c.dflt_value AS defaultValue,
					c."notnull" = 1 AND c.dflt_value IS NULL AND c.pk = 0 AS isDemanded, c.pk > 0 AS isKey
				FROM sqlite_master m, pragma_table_info(m.name) c
				WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'`,
			)
			.all();
		for (const { table, isDemanded, isKey, ...column } of columns) {
			this.#remember(table, { ...column, isDemanded: isDemanded === 1, isKey: isKey === 1 });
		}
	}

	/** Names of the tables, without those of SQLite and virtual ones. */
	get tables(): string[] {
		return [...this.#columns.keys()].filter((name) => !name.startsWith("sqlite_"));
	}

	/** The columns of a table in their order. */
	columnsOf(table: string): FoundColumn[] {
		return [...(this.#columns.get(table)?.values() ?? [])];
	}

	/** Whether an index or trigger of that name is on that table: where a table was renamed, they went along. */
	hasOn(table: string, name: string): boolean {
		return this.#places.get(name)?.toLowerCase() === table;
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
			for (const column of known) this.#remember(table.name, added(column));
			return;
		}
		for (const column of known) this.ensureColumn(table.name, column);
	}

	ensureColumn(table: string, column: ColumnDescription): void {
		const { name, definition } = column;
		if (this.hasColumn(table, name)) return;
		// SQLite adds no column that is NOT NULL without a default to a table that has rows.
		const addable = /NOT NULL(?!.*DEFAULT)/.test(definition) ? `${definition} DEFAULT ''` : definition;
		this.db.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${addable}`);
		this.#remember(table, added(column));
	}

	ensureIndex(index: IndexDescription): void {
		const { name, unique, on } = index;
		if (this.hasIndex(index)) return;
		this.drop("INDEX", name);
		this.run(name, `CREATE ${unique ? "UNIQUE " : ""}INDEX ${name} ON ${on}`);
		this.#places.set(name, tableOf(index));
	}

	/** Whether no two rows of the table may have the same value there, by whichever index. */
	isUnique(table: string, column: string): boolean {
		const found = this.db
			.query<{ found: number }, [string, string]>(
				`SELECT EXISTS (SELECT 1 FROM pragma_index_list(?) l WHERE l."unique" = 1 AND l.partial = 0
					AND (SELECT group_concat(i.name) FROM pragma_index_info(l.name) i) = ?) AS found`,
			)
			.get(table, column);
		return found?.found === 1;
	}

	/** Whether the index is there, and on its table. */
	hasIndex(index: IndexDescription): boolean {
		return this.hasOn(tableOf(index), index.name);
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
		this.#places.delete(name);
	}

	#remember(table: string, column: FoundColumn): void {
		const columns = this.#columns.get(table) ?? new Map();
		this.#columns.set(table, columns.set(column.name, column));
	}
}

function added({ name, definition }: ColumnDescription): FoundColumn {
	const isKey = definition.includes("PRIMARY KEY");
	return { name, type: definition.split(" ")[0] ?? "", defaultValue: null, isDemanded: false, isKey };
}

function tableOf({ on }: IndexDescription): string {
	return on.slice(0, on.indexOf("("));
}
