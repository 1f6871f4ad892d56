import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** Times are ISO-8601 UTC. */
export interface ImportRow {
	readonly id: string;
	/** What was read, as its owner calls it. */
	readonly source: string;
	readonly format: string;
	readonly startedAt: string;
	readonly completedAt: string | null;
	readonly undoneAt: string | null;
	/** JSON. */
	readonly account: string | null;
}

/** What a row of an import has become. */
export interface ImportItem {
	readonly kind: string;
	/** What other rows call it where it comes from; empty for a text. */
	readonly sourceKey: string;
	readonly targetId: string;
	/** `same` stands for something that was there before, `revived` for what somebody had forgotten. */
	readonly outcome: "created" | "updated" | "revived" | "same";
	/** Of the memory afterwards; 0 for what has none. */
	readonly version: number;
	/** Of the memory before it was updated; null for what was not there. */
	readonly baseVersion: number | null;
}

export async function insertImport(
	writer: Writer,
	{ id, source, format, startedAt }: Pick<ImportRow, "id" | "source" | "format" | "startedAt">,
): Promise<void> {
	await writer.run(sql`
		INSERT INTO sgn_imports (id, source, format, started_at) VALUES (${id}, ${source}, ${format}, ${startedAt})`);
}

export async function updateImport(
	writer: Writer,
	id: string,
	{ completedAt, undoneAt, account }: Partial<Pick<ImportRow, "completedAt" | "undoneAt" | "account">>,
): Promise<void> {
	await writer.run(sql`
		UPDATE sgn_imports SET completed_at = COALESCE(${completedAt ?? null}, completed_at),
			undone_at = COALESCE(${undoneAt ?? null}, undone_at), account = COALESCE(${account ?? null}, account)
		WHERE id = ${id}`);
}

const COLUMNS = sql`id, source, format, started_at AS startedAt, completed_at AS completedAt,
	undone_at AS undoneAt, account`;

export function findImport(reader: Reader, id: string): Promise<ImportRow | undefined> {
	return reader.get<ImportRow>(sql`SELECT ${COLUMNS} FROM sgn_imports WHERE id = ${id}`);
}

/** The latest imports, the last one first. */
export function readImports(reader: Reader, limit: number): Promise<ImportRow[]> {
	return reader.all<ImportRow>(sql`SELECT ${COLUMNS} FROM sgn_imports ORDER BY started_at DESC LIMIT ${limit}`);
}

/** The place of the last item of an import; 0 when there is none. */
export async function lastPlace(reader: Reader, importId: string): Promise<number> {
	const row = await reader.get<{ place: number }>(sql`
		SELECT place FROM sgn_import_items WHERE import_id = ${importId} ORDER BY place DESC LIMIT 1`);
	return row?.place ?? 0;
}

/** Note what a row has become. */
export async function insertImportItem(writer: Writer, importId: string, item: PlacedItem): Promise<void> {
	const { place, kind, sourceKey, targetId, outcome, version, baseVersion } = item;
	await writer.run(sql`
		INSERT INTO sgn_import_items (import_id, place, kind, source_key, target_id, outcome, version, base_version)
		VALUES (${importId}, ${place}, ${kind}, ${sourceKey}, ${targetId}, ${outcome}, ${version}, ${baseVersion})`);
}

const ITEM_COLUMNS = sql`kind, source_key AS sourceKey, target_id AS targetId, outcome, version,
	base_version AS baseVersion`;

/** What a row that others refer to has become at last; not for texts. */
export function findImportItem(
	reader: Reader,
	importId: string,
	kind: string,
	sourceKey: string,
): Promise<ImportItem | undefined> {
	return reader.get<ImportItem>(sql`
		SELECT ${ITEM_COLUMNS} FROM sgn_import_items INDEXED BY sgn_import_items_referred
		WHERE import_id = ${importId} AND kind = ${kind} AND kind <> 'text' AND source_key = ${sourceKey}
		ORDER BY place DESC LIMIT 1`);
}

/** An item with its place among those of its import: it rises. */
export interface PlacedItem extends ImportItem {
	readonly place: number;
}

/** The items of an import from the last one on. */
export function readImportItems(reader: Reader, importId: string, limit: number): Promise<PlacedItem[]> {
	return reader.all<PlacedItem>(sql`
		SELECT place, ${ITEM_COLUMNS} FROM sgn_import_items
		WHERE import_id = ${importId} ORDER BY place DESC LIMIT ${limit}`);
}

export async function countImportItems(reader: Reader, importId: string): Promise<number> {
	const row = await reader.get<{ n: number }>(
		sql`SELECT count(*) AS n FROM sgn_import_items WHERE import_id = ${importId}`,
	);
	return row?.n ?? 0;
}

export async function deleteImportItem(writer: Writer, importId: string, place: number): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_import_items WHERE import_id = ${importId} AND place = ${place}`);
}
