import sql, { raw } from "sql-template-tag";
import type { Erased, Writer } from "../database.ts";
import { list } from "./list.ts";
import { quoted } from "./quoted.ts";

/**
 * Tables beside `memories` that hold texts of memories, or words made from them, by the column that names the memory:
 * those of later versions of the reference, and copies that somebody made of the table.
 */
interface TextTable {
	readonly name: string;
	readonly idColumn: string;
	readonly holdsContent: boolean;
}

/** Remove a memory from tables that are not ours to know otherwise. */
export async function eraseFromLaterTables(writer: Writer, { id, texts }: Erased): Promise<void> {
	for (const { name, idColumn, holdsContent } of await laterTables(writer)) {
		const saysIt = holdsContent ? sql` OR content IN ${list(texts)}` : sql``;
		const table = raw(quoted(name));
		const remove = () => writer.run(sql`DELETE FROM ${table} WHERE ${raw(quoted(idColumn))} = ${id}${saysIt}`);
		// Where its full-text table has fallen behind, the trigger that keeps it fails until it is made anew.
		const removed = await remove().catch(async (error: unknown) => {
			if (!(await renewFullTextOf(writer, name))) throw error;
			return remove();
		});
		if (removed > 0) await renewFullTextOf(writer, name);
	}
}

async function laterTables(writer: Writer): Promise<TextTable[]> {
	const tables = await writer.all<{ name: string }>(sql`
		SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
			AND (name = 'memory_hints' OR (name LIKE 'memories\\_%' ESCAPE '\\' AND name NOT LIKE 'memories\\_fts%' ESCAPE '\\'))`);
	const found: TextTable[] = [];
	for (const { name } of tables) {
		const columns = await writer.all<{ name: string }>(sql`SELECT name FROM pragma_table_info(${name})`);
		const has = (column: string) => columns.some((one) => one.name === column);
		const idColumn = ["memory_id", "id"].find(has);
		if (idColumn) found.push({ name, idColumn, holdsContent: has("content") });
	}
	return found;
}

/** Make the full-text table of a table anew, if it has one. What was deleted stays in it otherwise. */
async function renewFullTextOf(writer: Writer, table: string): Promise<boolean> {
	const name = `${table}_fts`;
	const isThere = await writer.get(sql`SELECT 1 FROM sqlite_master WHERE name = ${name} AND sql LIKE '%fts5%'`);
	if (!isThere) return false;
	await writer.run(sql`INSERT INTO ${raw(quoted(name))} (${raw(quoted(name))}) VALUES ('rebuild')`);
	return true;
}
