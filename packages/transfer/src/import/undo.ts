import { isoTime, RequestError, type World } from "@signet/core";
import {
	type Database,
	deleteHistory,
	deleteImportItem,
	deleteMention,
	deleteRelation,
	deleteUnusedEntity,
	findMemory,
	type ImportItem,
	type MemoryRow,
	purgeMemory,
	readHistoryEvents,
	readImportItems,
	updateImport,
	type Writer,
} from "@signet/db";
import {
	applyForget,
	applyRestore,
	demandThawed,
	IMPORT_KEEPER,
	type MemoryContext,
	parseMetadata,
	type RestoreRequest,
} from "@signet/memory";
import { countRemaining, demandImport } from "./imports.ts";

const BATCH = 16;

export interface Undone {
	/** Rows whose effect was taken back. */
	readonly undone: number;
	/** Rows that were left because somebody has changed what they made since. */
	readonly left: number;
	/** Rows that are still to be undone: call again. */
	readonly remaining: number;
}

/**
 * Take back what an import has brought, at most `limit` rows at a time: what it made is forgotten, what it changed is
 * again what it was. What was changed since is left alone. Throws when memory is frozen, or there is no such import.
 */
export async function undoImport(context: MemoryContext, importId: string, limit: number): Promise<Undone> {
	demandThawed(context);
	const { database, world } = context;
	await database.read((reader) => demandImport(reader, importId));
	let undone = 0;
	let left = 0;
	// What came last goes first: nothing is in the way of what was there before it, or refers to what goes.
	while (undone + left < limit) {
		const items = await database.read((reader) => readImportItems(reader, importId, BATCH));
		if (items.length === 0) break;
		const results = await database.write(async (writer) => {
			const done: boolean[] = [];
			for (const item of items) {
				done.push(await undoItem(writer, world, importId, item));
				await deleteImportItem(writer, importId, item.place);
			}
			return done;
		});
		undone += results.filter(Boolean).length;
		left += results.filter((isDone) => !isDone).length;
		await world.timers.yield();
	}
	const remaining = await countRemaining(database, importId);
	if (remaining === 0) await stampUndone(database, world, importId);
	return { undone, left, remaining };
}

async function stampUndone(database: Database, world: Pick<World, "clock">, importId: string): Promise<void> {
	const undoneAt = isoTime(world.clock.now());
	await database.write((writer) => updateImport(writer, importId, { undoneAt }));
}

/** Resolves to whether it is as if the row had never come. */
async function undoItem(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	importId: string,
	{ kind, sourceKey, targetId, outcome, version, baseVersion }: ImportItem,
): Promise<boolean> {
	if (outcome === "same") return true;
	if (kind === "mention") {
		await deleteMention(writer, sourceKey.slice(0, sourceKey.length - targetId.length - 1), targetId);
		return true;
	}
	if (kind === "relation") {
		await deleteRelation(writer, targetId);
		return true;
	}
	if (kind === "entity") {
		await deleteUnusedEntity(writer, targetId);
		return true;
	}
	const memory = await findMemory(writer, targetId);
	if (!memory) return true;
	if (!(await isAsItWas(writer, memory, version))) return false;
	const reason = `import ${importId} was undone`;
	if (outcome === "updated") {
		return restored(writer, world, { id: targetId, reason, version: baseVersion ?? version - 1 });
	}
	if (memory.is_deleted === 1) {
		await purgeMemory(writer, targetId);
		await deleteHistory(writer, targetId);
		return true;
	}
	// What somebody had forgotten is forgotten as by them: the next import does not bring it back.
	const actor = outcome === "revived" ? { ...IMPORT_KEEPER, changedBy: "import" } : IMPORT_KEEPER;
	const forgotten = await applyForget(writer, world, { id: targetId, reason, force: true }, actor);
	return forgotten.status === "deleted";
}

/** Whether nobody has changed a memory since it had that version, or it was brought back to it by what was undone before. */
async function isAsItWas(writer: Writer, memory: MemoryRow, version: number): Promise<boolean> {
	const current = memory.version ?? 1;
	if (current === version) return true;
	const [last] = await readHistoryEvents(writer, memory.id, { order: "desc", limit: 1 });
	if (last?.changedBy !== IMPORT_KEEPER.changedBy) return false;
	const { version: eventVersion, restoredVersion } = parseMetadata(last.metadata);
	return eventVersion === current && restoredVersion === version;
}

/** A history that does not say what the memory was leaves it as it is. */
async function restored(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	request: RestoreRequest,
): Promise<boolean> {
	try {
		const { status } = await applyRestore(writer, world, request, IMPORT_KEEPER);
		return status === "updated" || status === "no_changes";
	} catch (error) {
		if (error instanceof RequestError && error.status < 500) return false;
		throw error;
	}
}
