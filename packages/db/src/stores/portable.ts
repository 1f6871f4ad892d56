import { invalidRequest } from "@signet/core";
import sql, { join, raw, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { refusedByColumn } from "../sqlite/failures.ts";
import { NO_MEMORY } from "./jobs.ts";

/**
 * Rows as they stand in the file, to be carried to another one. Columns that this file does not have are left out there,
 * and what is not text or number is left out here: vectors are made anew.
 */
export const PORTABLE_TABLES = [
	"memories",
	"memory_history",
	"entities",
	"relations",
	"memory_entity_mentions",
] as const;
export type PortableTable = (typeof PORTABLE_TABLES)[number];

export type PortableValue = string | number | null;
export type PortableRow = Readonly<Record<string, PortableValue>>;

/** What says something of vectors, which are not carried. */
const LEFT_OUT = new Set(["embedding_model", "embedding"]);
const PLACE = "rowid";

/** Rows that are carried, where it is not all: what a memory said that is gone for good stays where it is, and goes there. */
const CARRIED: Partial<Record<PortableTable, Sql>> = {
	memory_history: sql`(t.event = 'erased' OR t.memory_id = ${NO_MEMORY} OR EXISTS (SELECT 1 FROM memories m WHERE m.id = t.memory_id))`,
};

/** Rows in the order in which they came, from after a place; gives the place of the last one. */
export async function readPortable(
	reader: Reader,
	table: PortableTable,
	{ after, limit }: { after: number; limit: number },
): Promise<{ rows: PortableRow[]; last: number | undefined }> {
	const found = await reader.all<Record<string, unknown>>(sql`
		SELECT t.rowid AS ${raw(`"${PLACE}"`)}, t.* FROM ${raw(table)} t
		WHERE t.rowid > ${after} AND ${CARRIED[table] ?? sql`TRUE`} ORDER BY t.rowid LIMIT ${limit}`);
	const rows = found.map(({ [PLACE]: _place, ...row }) => portable(row));
	const last = found.at(-1)?.[PLACE];
	return { rows, last: typeof last === "number" ? last : undefined };
}

function portable(row: Record<string, unknown>): PortableRow {
	return Object.fromEntries(
		Object.entries(row).filter(
			(entry): entry is [string, PortableValue] =>
				!LEFT_OUT.has(entry[0]) && (entry[1] === null || typeof entry[1] === "string" || typeof entry[1] === "number"),
		),
	);
}

/** The columns of a table here. */
export async function portableColumns(reader: Reader, table: PortableTable): Promise<ReadonlySet<string>> {
	const rows = await reader.all<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`);
	return new Set(rows.map(({ name }) => name));
}

/** Insert a row unless one has its key. Resolves to whether it was inserted. Throws what a column does not take. */
export async function insertPortable(
	writer: Writer,
	table: PortableTable,
	columns: ReadonlySet<string>,
	row: PortableRow,
): Promise<boolean> {
	const given = Object.entries(row).filter(([name]) => columns.has(name) && !LEFT_OUT.has(name));
	try {
		const changed = await writer.run(sql`
			INSERT INTO ${raw(table)} (${raw(given.map(([name]) => `"${name}"`).join(", "))})
			VALUES (${join(given.map(([, value]) => value))}) ON CONFLICT DO NOTHING`);
		return changed > 0;
	} catch (error) {
		const refusal = refusedByColumn(error);
		throw refusal === undefined ? error : invalidRequest(refusal);
	}
}

/** Whether there is an entity of that id. */
export async function hasEntity(reader: Reader, id: string): Promise<boolean> {
	return (await reader.get(sql`SELECT 1 FROM entities WHERE id = ${id}`)) !== undefined;
}

/** The entity of that name. */
export function findEntityByName(reader: Reader, name: string): Promise<{ id: string } | undefined> {
	return reader.get<{ id: string }>(sql`SELECT id FROM entities WHERE name = ${name}`);
}

export async function deleteRelation(writer: Writer, id: string): Promise<void> {
	await writer.run(sql`DELETE FROM relations WHERE id = ${id}`);
}

export async function deleteMention(writer: Writer, memoryId: string, entityId: string): Promise<void> {
	await writer.run(sql`
		DELETE FROM memory_entity_mentions WHERE memory_id = ${memoryId} AND entity_id = ${entityId}`);
}

/** Remove an entity that nothing refers to. */
export async function deleteUnusedEntity(writer: Writer, id: string): Promise<void> {
	await writer.run(sql`
		DELETE FROM entities WHERE id = ${id}
			AND NOT EXISTS (SELECT 1 FROM memory_entity_mentions WHERE entity_id = ${id})
			AND NOT EXISTS (SELECT 1 FROM relations WHERE source_entity_id = ${id} OR target_entity_id = ${id})`);
}
