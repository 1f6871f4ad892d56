import { noCleaner, RequestError } from "@signet/core";
import { type ImportItem, insertImportItem, lastPlace, portableColumns, type Reader, type Writer } from "@signet/db";
import { type Actor, demandThawed, draftText, ingest, type MemoryContext } from "@signet/memory";
import { cleanTransferRow } from "../clean-row.ts";
import type { Taken, TransferRow } from "../row.ts";
import { baseOf } from "./base.ts";
import { demandImport } from "./imports.ts";
import { holdPlace, placeInSource } from "./source-places.ts";
import { type ColumnsByKind, takeForeignRow } from "./take-foreign-row.ts";

/** Rows taken in one commit: the more, the fewer pages are written twice, and the longer other writers wait. */
const BATCH = 64;
/** Rows taken in one turn of the loop. */
const ROWS_A_TURN = 8;

export interface TakeOptions {
	readonly importId: string;
	/** Take even what was forgotten or erased here. */
	readonly isRevived: boolean;
}

/**
 * Take in rows of an import, in their order, giving way to other work. Each goes through the same door as everything that
 * is remembered. What was taken before, by this import or another one, is merged: nothing is there twice. Throws when
 * memory is frozen by the configuration, or when there is no such import.
 */
export async function takeRows(
	context: MemoryContext,
	rows: readonly TransferRow[],
	actor: Actor,
	options: TakeOptions,
): Promise<Taken[]> {
	demandThawed(context);
	const { database, world } = context;
	const cleaner = await context.guard.ready();
	await database.read((reader) => demandImport(reader, options.importId));
	const columns = await database.read(columnsByKind);
	const taken: Taken[] = [];
	for (let at = 0; at < rows.length; at += BATCH) {
		const batch = rows.slice(at, at + BATCH).map((row) => cleanTransferRow(row, cleaner));
		taken.push(...(await database.write((writer) => takeBatch(writer, world, batch, actor, { ...options, columns }))));
		await world.timers.yield();
	}
	return taken;
}

/** Take in rows, which are clean of secrets, within one write. */
export async function takeBatch(
	writer: Writer,
	world: MemoryContext["world"],
	rows: readonly TransferRow[],
	actor: Actor,
	options: TakeOptions & { readonly columns: ColumnsByKind },
): Promise<Taken[]> {
	const results: Taken[] = [];
	let place = await lastPlace(writer, options.importId);
	const note = (item: ImportItem) => insertImportItem(writer, options.importId, { ...item, place: ++place });
	for (const [at, row] of rows.entries()) {
		if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await world.timers.yield();
		results.push(await takeRow(writer, world, row, actor, { ...options, note }));
	}
	return results;
}

/** The columns of each table here. */
export async function columnsByKind(reader: Reader): Promise<ColumnsByKind> {
	return {
		memory: await portableColumns(reader, "memories"),
		event: await portableColumns(reader, "memory_history"),
		entity: await portableColumns(reader, "entities"),
		relation: await portableColumns(reader, "relations"),
		mention: await portableColumns(reader, "memory_entity_mentions"),
	};
}

interface RowOptions extends TakeOptions {
	readonly columns: ColumnsByKind;
	/** Write down what the row has become. */
	readonly note: (item: ImportItem) => Promise<void>;
}

async function takeRow(
	writer: Writer,
	world: MemoryContext["world"],
	row: TransferRow,
	actor: Actor,
	options: RowOptions,
): Promise<Taken> {
	try {
		if (row.kind !== "text") return await takeForeignRow(writer, world, row, actor, options);
		const { importId, isRevived } = options;
		const drafted = draftText({ ...row.memory, who: row.memory.who ?? UNKNOWN, why: null }, noCleaner);
		const draft = await placeInSource(writer, importId, drafted);
		const found = await ingest(writer, draft, actor, { world, isExtracted: false, isJoined: true, origin: "found" });
		const isForgotten = found.outcome === "forgotten";
		if (isForgotten && !isRevived) return refused(FORGOTTEN);
		const asked = { world, isExtracted: false, origin: "asked", isRevived } as const;
		const ingested = isForgotten ? await ingest(writer, draft, actor, asked) : found;
		const { outcome, memory } = ingested;
		if (!memory) return refused(FORGOTTEN);
		if (memory.source_id !== draft.sourceId || memory.source_type !== draft.sourceType) {
			await holdPlace(writer, importId, memory);
		}
		const before = "before" in ingested ? ingested.before : undefined;
		if (outcome === "duplicate" && !before) return { outcome: "merged", id: memory.id };
		await options.note({
			kind: "text",
			sourceKey: "",
			targetId: memory.id,
			outcome: before && before.is_deleted !== 1 ? "updated" : isForgotten ? "revived" : "created",
			version: memory.version ?? 1,
			...baseOf(before),
		});
		return outcome === "duplicate"
			? { outcome: "merged", id: memory.id, isJoined: true }
			: { outcome: "kept", id: memory.id };
	} catch (error) {
		// What is wrong with a row is wrong with it alone; what the disk refuses is wrong with all of them.
		if (error instanceof RequestError && error.status < 500) return refused(error.message);
		throw error;
	}
}

/** Who said what nobody is named for. */
const UNKNOWN = "import";
const FORGOTTEN = "it was forgotten or erased here; --revive takes it all the same";

function refused(why: string): Taken {
	return { outcome: "refused", why };
}
