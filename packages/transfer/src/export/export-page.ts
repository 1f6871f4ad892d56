import { type Database, type PortableRow, readPortable } from "@signet/db";
import { type Carried, TABLE_OF } from "../row.ts";

export interface ExportPage {
	readonly rows: readonly PortableRow[];
	/** Asks for the next page; absent at the end. */
	readonly next?: number;
}

/** Rows of one kind, forgotten memories too, in the order in which they came. */
export async function exportPage(
	database: Database,
	kind: Carried,
	{ after, limit }: { after: number; limit: number },
): Promise<ExportPage> {
	const { rows, last } = await database.read((reader) => readPortable(reader, TABLE_OF[kind], { after, limit }));
	return { rows, ...(rows.length === limit && last !== undefined && { next: last }) };
}
