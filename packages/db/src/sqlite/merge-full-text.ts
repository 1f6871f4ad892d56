import type { Database } from "bun:sqlite";
import sql, { raw } from "sql-template-tag";
import type { Writer } from "../database.ts";
import { quoted } from "./quoted.ts";

/**
 * Merge up to `pages` pages of what commits have left behind one by one in a full-text table
 * (https://sqlite.org/fts5.html#the_merge_command). The first call of a row marks everything for merging. What was deleted
 * is only marked as such until then. Resolves to whether there is more to merge.
 */
export async function mergeFullText(
	writer: Writer,
	table: string,
	{ pages, isFirst }: { pages: number; isFirst: boolean },
): Promise<boolean> {
	const changes = async () => (await writer.get<{ n: number }>(sql`SELECT total_changes() AS n`))?.n ?? 0;
	const before = await changes();
	await writer.run(
		sql`INSERT INTO ${raw(quoted(table))} (${raw(quoted(table))}, rank) VALUES ('merge', ${isFirst ? -pages : pages})`,
	);
	return (await changes()) - before > 1;
}

/** Names of the full-text tables of a file, those of other programs too. */
export function fullTextTables(db: Database): string[] {
	const tables = db.query<{ name: string; sql: string }, []>(
		"SELECT name, sql FROM sqlite_master WHERE type = 'table'",
	);
	return tables
		.all()
		.filter(({ sql }) => /\bUSING\s+fts5\s*\(/i.test(sql))
		.map(({ name }) => name);
}
