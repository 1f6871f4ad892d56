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
	/** Whether there is nothing that could be undone: it has changed nothing, or was undone. */
	readonly isEmpty: 0 | 1;
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
	/** Of the memory before it was changed or came back; null for what was not there. */
	readonly baseVersion: number | null;
	/** Who had changed the memory last before that. */
	readonly baseUpdatedBy: string | null;
	/** When the memory had been forgotten, ISO-8601 UTC; null for one that was there. */
	readonly baseDeletedAt: string | null;
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
	undone_at AS undoneAt, account, NOT EXISTS (
		SELECT 1 FROM sgn_import_items i WHERE i.import_id = sgn_imports.id AND i.outcome <> 'same') AS isEmpty`;

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
	const { place, kind, sourceKey, targetId, outcome, version, baseVersion, baseUpdatedBy, baseDeletedAt } = item;
	await writer.run(sql`
		INSERT INTO sgn_import_items (import_id, place, kind, source_key, target_id, outcome, version, base_version,
			base_updated_by, base_deleted_at)
		VALUES (${importId}, ${place}, ${kind}, ${sourceKey}, ${targetId}, ${outcome}, ${version}, ${baseVersion},
			${baseUpdatedBy}, ${baseDeletedAt})`);
}

/** An item with where it is. */
export interface FoundItem extends PlacedItem {
	readonly importId: string;
}

/** Items, of whatever import, that changed a memory which was there before. */
export function readItemsOnto(reader: Reader, memoryId: string): Promise<FoundItem[]> {
	return reader.all<FoundItem>(sql`
		SELECT import_id AS importId, place, ${ITEM_COLUMNS} FROM sgn_import_items INDEXED BY sgn_import_items_based
		WHERE target_id = ${memoryId} AND base_version IS NOT NULL AND kind IN ('text', 'memory')`);
}

/** Let an item stand for another one too, which was before it: what that one found is what this one would have found. */
export async function rebaseImportItem(
	writer: Writer,
	{ importId, place }: Pick<FoundItem, "importId" | "place">,
	{ outcome, baseVersion, baseUpdatedBy, baseDeletedAt }: ImportItem,
): Promise<void> {
	await writer.run(sql`
		UPDATE sgn_import_items SET outcome = ${outcome}, base_version = ${baseVersion},
			base_updated_by = ${baseUpdatedBy}, base_deleted_at = ${baseDeletedAt}
		WHERE import_id = ${importId} AND place = ${place}`);
}

const ITEM_COLUMNS = sql`kind, source_key AS sourceKey, target_id AS targetId, outcome, version,
	base_version AS baseVersion, base_updated_by AS baseUpdatedBy, base_deleted_at AS baseDeletedAt`;

/** What a row that others refer to has become at last; not for texts. */
export function findImportItem(
	reader: Reader,
	importId: string,
	kind: string,
	sourceKey: string,
): Promise<PlacedItem | undefined> {
	return reader.get<PlacedItem>(sql`
		SELECT place, ${ITEM_COLUMNS} FROM sgn_import_items INDEXED BY sgn_import_items_referred
		WHERE import_id = ${importId} AND kind = ${kind} AND kind <> 'text' AND source_key = ${sourceKey}
		ORDER BY place DESC LIMIT 1`);
}

/** An item with its place among those of its import: it rises. */
export interface PlacedItem extends ImportItem {
	readonly place: number;
}

/** Count a row of a source, which is given as a hash; resolves to how many the import has had of it. */
export async function countSourceRow(writer: Writer, importId: string, source: string): Promise<number> {
	const row = await writer.get<{ rows: number }>(sql`
		INSERT INTO sgn_import_sources (import_id, source, rows) VALUES (${importId}, ${source}, 1)
		ON CONFLICT DO UPDATE SET rows = rows + 1 RETURNING rows`);
	return row?.rows ?? 1;
}

/** Count a source as one that has had a row, if it has had none. */
export async function holdSource(writer: Writer, importId: string, source: string): Promise<void> {
	await writer.run(sql`
		INSERT OR IGNORE INTO sgn_import_sources (import_id, source, rows) VALUES (${importId}, ${source}, 1)`);
}

/** Forget which sources an import has had, at most `limit` of them; resolves to how many those were. */
export function deleteImportSources(writer: Writer, importId: string, limit: number): Promise<number> {
	return writer.run(sql`
		DELETE FROM sgn_import_sources WHERE import_id = ${importId} AND source IN (
			SELECT source FROM sgn_import_sources WHERE import_id = ${importId} LIMIT ${limit})`);
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
