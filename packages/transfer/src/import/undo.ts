import { isoTime, type World } from "@signet/core";
import {
	type Database,
	deleteHistory,
	deleteImportItem,
	deleteMention,
	deleteRelation,
	deleteUnusedEntity,
	findMemory,
	type ImportItem,
	purgeMemory,
	readImportItems,
	updateImport,
	type Writer,
} from "@signet/db";
import { applyForget, applyRestore, demandThawed, IMPORT_KEEPER, type MemoryContext } from "@signet/memory";
import { countRemaining, demandImport } from "./imports.ts";

const BATCH = 16;
/** What refers to something goes before it. */
const ORDER = ["mention", "relation", "entity", "memory"] as const;

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
	for (const kind of ORDER) {
		while (undone + left < limit) {
			const items = await database.read((reader) => readImportItems(reader, importId, kind, BATCH));
			if (items.length === 0) break;
			const results = await database.write(async (writer) => {
				const done: boolean[] = [];
				for (const item of items) {
					done.push(await undoItem(writer, world, importId, item));
					await deleteImportItem(writer, importId, item);
				}
				return done;
			});
			undone += results.filter(Boolean).length;
			left += results.filter((isDone) => !isDone).length;
			await world.timers.yield();
		}
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
	{ kind, sourceKey, targetId, outcome, version }: ImportItem,
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
	if ((memory.version ?? 1) !== version) return false;
	const reason = `import ${importId} was undone`;
	if (outcome === "updated") {
		const request = { id: targetId, reason, version: version - 1 };
		return (await applyRestore(writer, world, request, IMPORT_KEEPER)).status === "updated";
	}
	if (memory.is_deleted === 1) {
		await purgeMemory(writer, targetId);
		await deleteHistory(writer, targetId);
		return true;
	}
	const forgotten = await applyForget(writer, world, { id: targetId, reason, force: true }, IMPORT_KEEPER);
	return forgotten.status === "deleted";
}
