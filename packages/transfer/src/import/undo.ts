import { EVERYTHING, isoTime, RequestError, type World } from "@signet/core";
import {
	type Database,
	deleteHistory,
	deleteImportItem,
	deleteMention,
	deleteRelation,
	deleteUnusedEntity,
	type FoundItem,
	findMemory,
	type ImportItem,
	type MemoryRow,
	purgeMemory,
	readImportItems,
	readItemsOnto,
	rebaseImportItem,
	updateImport,
	type Writer,
} from "@signet/db";
import {
	applyForget,
	applyForgetAgain,
	applyRestore,
	type ChangeContext,
	changeContext,
	demandThawed,
	IMPORT_KEEPER,
	type MemoryContext,
	recordEvent,
} from "@signet/memory";
import { countRemaining, demandImport, forgetSources } from "./imports.ts";
import { type Versions, versionsOf } from "./versions.ts";

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
	const changing = await changeContext(context);
	await database.read((reader) => demandImport(reader, importId));
	let undone = 0;
	let left = 0;
	// What came last goes first: nothing is in the way of what was there before it, or refers to what goes.
	for (let looked = 0; looked < limit; ) {
		const items = await database.read((reader) => readImportItems(reader, importId, BATCH));
		if (items.length === 0) break;
		const results = await database.write(async (writer) => {
			const done: boolean[] = [];
			for (const item of items) {
				// What only stood for something under another id has changed nothing.
				if (item.outcome !== "same") done.push(await undoItem(writer, changing, importId, item));
				await deleteImportItem(writer, importId, item.place);
			}
			return done;
		});
		looked += items.length;
		undone += results.filter(Boolean).length;
		left += results.filter((isDone) => !isDone).length;
		await world.timers.yield();
	}
	const remaining = await countRemaining(database, importId);
	if (remaining === 0) {
		await forgetSources(context, importId);
		await stampUndone(database, world, importId);
	}
	return { undone, left, remaining };
}

async function stampUndone(database: Database, world: Pick<World, "clock">, importId: string): Promise<void> {
	const undoneAt = isoTime(world.clock.now());
	await database.write((writer) => updateImport(writer, importId, { undoneAt }));
}

/** Resolves to whether it is as if the row had never come. */
async function undoItem(writer: Writer, context: ChangeContext, importId: string, item: ImportItem): Promise<boolean> {
	const { kind, sourceKey, targetId } = item;
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
	const memory = await findMemory(writer, targetId, EVERYTHING);
	if (!memory) return true;
	const versions = await versionsOf(writer, memory);
	if (versions.isSame(versions.current, item.version)) return takeBack(writer, context, memory, item, importId);
	return handOver(writer, item, versions);
}

/** Make a memory what it was before an import, which was the last to change it. */
async function takeBack(
	writer: Writer,
	context: ChangeContext,
	memory: MemoryRow,
	{ outcome, version, baseVersion, baseUpdatedBy, baseDeletedAt }: ImportItem,
	importId: string,
): Promise<boolean> {
	const { id } = memory;
	const { world } = context;
	const reason = `import ${importId} was undone`;
	if (outcome === "updated") {
		const updatedBy = baseUpdatedBy === null ? {} : { updatedBy: baseUpdatedBy };
		const restored = { id, reason, version: baseVersion ?? version - 1, ...updatedBy };
		return ifKnown(async () => {
			const { status } = await applyRestore(writer, context, restored, IMPORT_KEEPER);
			if (status !== "no_changes") return status === "updated";
			// It says already what it said then: undoing the import before this one has to know.
			const metadata = { restoredVersion: restored.version };
			const happening = { before: memory, after: memory, actor: IMPORT_KEEPER, reason, metadata };
			await recordEvent(writer, world, { event: "none", ...happening });
			return true;
		});
	}
	if (baseVersion !== null && baseUpdatedBy !== null) {
		const forgotten = { id, reason, version: baseVersion, forgottenAt: baseDeletedAt, updatedBy: baseUpdatedBy };
		return ifKnown(async () => {
			const { status } = await applyForgetAgain(writer, world, forgotten, IMPORT_KEEPER);
			return status === "deleted";
		});
	}
	if (memory.is_deleted === 1) {
		await purgeMemory(writer, id);
		await deleteHistory(writer, id);
		return true;
	}
	// What somebody had forgotten is forgotten as by them: the next import does not bring it back.
	const actor = outcome === "revived" ? { ...IMPORT_KEEPER, changedBy: "import" } : IMPORT_KEEPER;
	const { status } = await applyForget(writer, world, { id, reason, force: true }, actor);
	return status === "deleted";
}

/**
 * Where only other imports have changed a memory since, what they made of it stays, and the next of them takes over what
 * there was before: when that one is undone, it is as if neither had been. Resolves to whether it was so.
 */
async function handOver(writer: Writer, item: ImportItem, { current, isSame }: Versions): Promise<boolean> {
	const items = await readItemsOnto(writer, item.targetId);
	const after = (version: number) =>
		items.find(({ baseVersion, version: made }) => isSame(baseVersion, version) && !isSame(made, version));
	const next = after(item.version);
	if (!next) return false;
	let last: FoundItem | undefined = next;
	for (let steps = items.length; last && !isSame(last.version, current); steps--) {
		if (steps === 0) return false;
		last = after(last.version);
	}
	if (!last) return false;
	await rebaseImportItem(writer, next, item);
	return true;
}

/** A history that does not say what the memory was leaves it as it is. */
async function ifKnown(work: () => Promise<boolean>): Promise<boolean> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof RequestError && error.status < 500) return false;
		throw error;
	}
}
