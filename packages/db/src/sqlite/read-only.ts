import type { Reader } from "../database.ts";
import { openReader, Statements } from "./connection.ts";

/** A database that is read in a thread of its own. */
export interface ReadOnlyDatabase extends Disposable {
	readonly reader: Reader;
}

/** Open an existing database for reading alone. Who reads keeps its thread busy. */
export function openReadOnly(file: string): ReadOnlyDatabase {
	const db = openReader(file);
	return { reader: new Statements(db), [Symbol.dispose]: () => db.close() };
}
