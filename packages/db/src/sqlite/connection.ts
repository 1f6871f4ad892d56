import { constants, Database, type SQLQueryBindings } from "bun:sqlite";
import type { Sql } from "sql-template-tag";
import type { Writer } from "../database.ts";

/** How long a statement waits for another program, in milliseconds; so long nothing else is done. */
export const BUSY_TIMEOUT_MS = 5000;
/**
 * Of pages, for each connection; taken as it is used, and given back at rest. A memory touches about forty trees, and a
 * vec0 table keeps a thousand vectors in one value, of which it walks through the pages for each that is entered.
 */
const CACHE_KIB = 14_000;
/** Pages of 4 KiB in the log from which on a commit moves them into the file, when nobody else has. */
const LOG_PAGES = 8_000;
/**
 * Statements that a connection keeps prepared. Remembering with a vector takes more than the twenty that Bun keeps, and
 * would prepare each of them anew each time.
 */
Database.MAX_QUERY_CACHE_SIZE = 200;

/** Open for writing, with every commit flushed to the disk. */
export function openWriter(file: string): Database {
	const db = new Database(file, { create: true, readwrite: true });
	db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
	db.run("PRAGMA synchronous = FULL");
	db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
	db.run("PRAGMA temp_store = MEMORY");
	// What is deleted is overwritten: whoever erases something relies on it.
	db.run("PRAGMA secure_delete = ON");
	db.run(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
	return db;
}

/** Let readers go on while there is a writer. Recorded in the file, so not before the file is known to be ours. */
export function useWriteAheadLog(db: Database): void {
	db.run("PRAGMA journal_mode = WAL");
}

/** Open for reading only. The file must exist. */
export function openReader(file: string): Database {
	const db = new Database(file, { readonly: true });
	db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
	db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
	return db;
}

/**
 * Whether somebody has moved the file of a connection away, or put another in its place. Who opens it by its path then gets
 * another database than the connection has, and takes the log beside it for that one's.
 */
export function hasMoved(db: Database): boolean {
	// SQLite writes four bytes; the binding takes no less than eight.
	const answer = new Int32Array(2);
	db.fileControl(constants.SQLITE_FCNTL_HAS_MOVED, answer);
	return answer[0] === 1;
}

/** Statements on a connection. Each text is prepared once and kept. */
export class Statements implements Writer {
	#written = 0;

	constructor(private readonly db: Database) {}

	/** How many statements that write were executed. */
	get written(): number {
		return this.#written;
	}

	async all<Row>(statement: Sql): Promise<Row[]> {
		return this.db.query<Row, SQLQueryBindings[]>(statement.sql).all(...bindings(statement));
	}

	async get<Row>(statement: Sql): Promise<Row | undefined> {
		return this.db.query<Row, SQLQueryBindings[]>(statement.sql).get(...bindings(statement)) ?? undefined;
	}

	async insert(statement: Sql): Promise<number> {
		this.#written++;
		const { lastInsertRowid } = this.db.query<unknown, SQLQueryBindings[]>(statement.sql).run(...bindings(statement));
		return Number(lastInsertRowid);
	}

	async run(statement: Sql): Promise<number> {
		this.#written++;
		return this.db.query<unknown, SQLQueryBindings[]>(statement.sql).run(...bindings(statement)).changes;
	}
}

function bindings(statement: Sql): SQLQueryBindings[] {
	return statement.values.map(toBinding);
}

/** Values arrive as `unknown` from the tag; what SQLite cannot hold is a defect of the caller. */
function toBinding(value: unknown): SQLQueryBindings {
	switch (typeof value) {
		case "string":
		case "number":
		case "bigint":
			return value;
		case "boolean":
			return value ? 1 : 0;
		case "undefined":
			return null;
		default:
			if (value === null || value instanceof Uint8Array) return value;
			throw new TypeError(`a value of type ${typeof value} cannot be stored`);
	}
}
