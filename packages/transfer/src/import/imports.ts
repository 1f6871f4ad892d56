import { isoTime, notFound, type World } from "@signet/core";
import {
	countImportItems,
	type Database,
	deleteImportSources,
	findImport,
	type ImportRow,
	insertImport,
	readImports,
	updateImport,
} from "@signet/db";

export interface NewImport {
	/** What is read, as its owner calls it. */
	readonly source: string;
	readonly format: string;
}

/** An import as it is shown. Times are ISO-8601 UTC. */
export interface ImportRecord extends Omit<ImportRow, "account" | "isEmpty"> {
	/** There is nothing to undo: it has changed nothing, or was undone. */
	readonly isEmpty: boolean;
	/** Rows by their kind: read = kept + merged + refused. */
	readonly account: unknown;
}

interface Context {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "random" | "timers">;
}

/** Sources forgotten in one commit. */
const SOURCES_AT_A_TIME = 1_000;

/** Begin an import; resolves to its id, under which it can be undone. */
export async function beginImport({ database, world }: Context, { source, format }: NewImport): Promise<string> {
	const id = world.random.uuid();
	const startedAt = isoTime(world.clock.now());
	await database.write((writer) => insertImport(writer, { id, source, format, startedAt }));
	return id;
}

/** Keep the account of an import that has come to its end. Throws when there is none of that id. */
export async function completeImport(
	{ database, world }: Context,
	id: string,
	account: unknown,
): Promise<ImportRecord> {
	await forgetSources({ database, world }, id);
	const completedAt = isoTime(world.clock.now());
	return database.write(async (writer) => {
		await updateImport(writer, id, { completedAt, account: JSON.stringify(account) });
		return recordOf(await demandImport(writer, id));
	});
}

/** What an import has read of which source is of use only while it goes on. */
export async function forgetSources({ database, world }: Omit<Context, "random">, id: string): Promise<void> {
	for (let deleted = SOURCES_AT_A_TIME; deleted === SOURCES_AT_A_TIME; ) {
		deleted = await database.write((writer) => deleteImportSources(writer, id, SOURCES_AT_A_TIME));
		await world.timers.yield();
	}
}

/** The latest imports, the last one first. */
export async function listImports(database: Database, limit: number): Promise<ImportRecord[]> {
	const rows = await database.read((reader) => readImports(reader, limit));
	return rows.map(recordOf);
}

/** Throws when there is no import of that id. */
export async function demandImport(reader: Parameters<typeof findImport>[0], id: string): Promise<ImportRow> {
	const found = await findImport(reader, id);
	if (!found) throw notFound(`There is no import ${id}; GET /api/imports lists what there is`);
	return found;
}

/** How many rows can still be undone. */
export function countRemaining(database: Database, id: string): Promise<number> {
	return database.read((reader) => countImportItems(reader, id));
}

function recordOf({ account, isEmpty, ...row }: ImportRow): ImportRecord {
	return { ...row, isEmpty: isEmpty === 1, account: account === null ? null : JSON.parse(account) };
}
