import type { TextGuard } from "@signet/core";
import { type Database, type PortableRow, type Reader, readPortable, turnsOf } from "@signet/db";
import { cleanRow } from "../clean-row.ts";
import { type Carried, TABLE_OF } from "../row.ts";

export interface ExportPage {
	readonly rows: readonly PortableRow[];
	/** Asks for the next page; absent at the end. */
	readonly next?: number;
}

/** Rows of one kind, forgotten memories too, in the order in which they came, without the values of secrets. */
export async function exportPage(
	{ database, guard }: { readonly database: Database; readonly guard: TextGuard },
	kind: Carried,
	{ after, limit }: { after: number; limit: number },
): Promise<ExportPage> {
	const cleaner = await guard.ready();
	const { rows, last } = await database.read(async (reader) => {
		const page = await readPortable(reader, TABLE_OF[kind], { after, limit });
		return kind === "memory" ? { ...page, rows: await withTurns(reader, page.rows) } : page;
	});
	return {
		rows: rows.map((row) => cleanRow(row, cleaner)),
		...(rows.length === limit && last !== undefined && { next: last }),
	};
}

/** Memories with their `position` and `role`, as far as somebody has said them: other programs have no columns for these. */
async function withTurns(reader: Reader, rows: readonly PortableRow[]): Promise<PortableRow[]> {
	const turns = await turnsOf(
		reader,
		rows.map(({ id }) => String(id)),
	);
	return rows.map((row) => {
		const { position = null, role = null } = turns.get(String(row.id)) ?? {};
		return { ...row, ...(position !== null && { position }), ...(role !== null && { role }) };
	});
}
