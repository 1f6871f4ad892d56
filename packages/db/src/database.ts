import type { Sql } from "sql-template-tag";

/**
 * The one way to the data. Statements are made with the `sql` tag, which keeps values out of the text, and speak of
 * tables and columns that every dialect has; what only one dialect understands lives in its folder.
 */
export interface Database {
	/** Read what is committed now. */
	read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
	/**
	 * Change something, all or nothing. Settles after the commit is on the disk: what was promised survives a crash
	 * of the process and of the machine. Works that wait at the same time share one commit; when one of them throws,
	 * only its own changes are undone.
	 *
	 * `work` must not wait for anything but its own statements, and must not call `write` again.
	 */
	write<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
	/**
	 * Let `work` run at the end of each transaction, before the commit, so that what it derives is never behind what
	 * it is derived from. What it returns runs after the commit. Its failure undoes its own changes alone.
	 */
	beforeCommit(work: (writer: Writer) => Promise<(() => void) | undefined>): void;
	/** Wait for what was accepted, move the log into the file, close. A second call does nothing. */
	close(): Promise<void>;
}

export interface Reader {
	all<Row>(statement: Sql): Promise<Row[]>;
	get<Row>(statement: Sql): Promise<Row | undefined>;
}

export interface Writer extends Reader {
	/** Execute; resolves to the number of rows that it changed. */
	run(statement: Sql): Promise<number>;
}
