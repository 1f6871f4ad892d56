import { EVERYTHING, isoTime, isScoped, type World } from "@signet/core";
import {
	deleteImportItem,
	findEntityByName,
	findImportItem,
	findMemory,
	hasEntity,
	type ImportItem,
	insertPortable,
	type MemoryRow,
	type PortableRow,
	type Writer,
} from "@signet/db";
import { type Actor, adopt, adoptEvent, type ForeignEvent, type ForeignMemory } from "@signet/memory";
import { type Carried, TABLE_OF, type Taken, type TransferRow } from "../row.ts";
import { baseOf } from "./base.ts";
import { fit, isText } from "./shapes.ts";

type ForeignRow = Exclude<TransferRow, { kind: "text" }>;
export type ColumnsByKind = Readonly<Record<ForeignRow["kind"], ReadonlySet<string>>>;

interface Options {
	readonly importId: string;
	readonly isRevived: boolean;
	readonly columns: ColumnsByKind;
	/** Write down what the row has become. */
	readonly note: (item: ImportItem) => Promise<void>;
}

interface Taking extends Omit<Options, "columns"> {
	readonly writer: Writer;
	readonly columns: ReadonlySet<string>;
	readonly row: PortableRow;
}

/** Take a row of one of our tables as it is, as far as what it belongs to is here. */
export async function takeForeignRow(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	{ kind, row }: ForeignRow,
	actor: Actor,
	options: Options,
): Promise<Taken> {
	if (isScoped(actor.scope)) return refused("rows of tables are taken only of those who may see all there is");
	const common = { ...options, writer, columns: options.columns[kind] };
	if (kind === "memory") return takeMemory({ ...common, row }, world, actor);
	const fitted = fit(kind, row, isoTime(world.clock.now()));
	if ("why" in fitted) return refused(fitted.why);
	const taking = { ...common, row: fitted.row };
	switch (kind) {
		case "event":
			return takeEvent(taking);
		case "entity":
			return takeEntity(taking);
		case "relation":
			return takeRelation(taking);
		case "mention":
			return takeMention(taking);
	}
}

async function takeMemory(
	{ writer, importId, columns, row, isRevived, note }: Taking,
	world: Pick<World, "clock" | "random">,
	actor: Actor,
): Promise<Taken> {
	if (!isMemory(row)) return refused("a memory needs an id and a content");
	const itemOf = async (id: string) => {
		const item = await findImportItem(writer, importId, "memory", id);
		return item?.outcome === "same" && item.targetId === id ? undefined : item;
	};
	const hasComeAlong = async (id: string) => (await itemOf(id)) !== undefined;
	const adopting = { world, columns, hasComeAlong };
	const found = await adopt(writer, row, actor, { ...adopting, isRevived: false });
	const isForgotten = !found.memory;
	if (isForgotten && !isRevived) return refused(`it was ${found.outcome} here; --revive takes it all the same`);
	const adopted = isForgotten ? await adopt(writer, row, actor, { ...adopting, isRevived }) : found;
	const { memory, outcome } = adopted;
	if (!memory) return refused(`it was ${outcome} here`);
	if (outcome === "same" && memory.id === row.id) {
		if (isOnePast(row, memory))
			await note({ ...UNVERSIONED, kind: "memory", sourceKey: row.id, targetId: row.id, outcome });
		return { outcome: "merged", id: memory.id, ...(adopted.isHeldUp && { isHeldUp: true }) };
	}
	const base = baseOf("before" in adopted ? adopted.before : undefined);
	const version = memory.version ?? 1;
	const earlier = outcome === "updated" ? await itemOf(row.id) : undefined;
	if (earlier?.version === base.baseVersion) {
		// Both changes are one: it is undone at the place of the last.
		await deleteImportItem(writer, importId, earlier.place);
		await note({ ...earlier, version });
	} else {
		const became = isForgotten ? "revived" : outcome;
		await note({ kind: "memory", sourceKey: row.id, targetId: memory.id, outcome: became, version, ...base });
	}
	// Of two versions that one import has there is one memory.
	if (earlier) return { outcome: "merged", id: memory.id };
	if (outcome === "same") return { outcome: "merged", id: memory.id };
	return { outcome: "kept", id: memory.id };
}

/** Whether a memory there and here has come to be what it is in the same way, as far as can be seen. */
function isOnePast({ version, content }: ForeignMemory, memory: MemoryRow): boolean {
	return (version ?? 1) === (memory.version ?? 1) && content === memory.content;
}

function isMemory(row: PortableRow): row is ForeignMemory {
	return isText(row.id) && isText(row.content);
}

async function takeEvent({ writer, importId, columns, row, isRevived }: Taking): Promise<Taken> {
	if (!isEvent(row)) return refused("event: memory_id is missing");
	const item = await findImportItem(writer, importId, "memory", row.memory_id);
	const isOnePast = item?.targetId === row.memory_id && item.outcome !== "updated";
	switch (await adoptEvent(writer, row, { columns, isRevived, isOnePast })) {
		case "created":
			return { outcome: "kept" };
		case "same":
			return { outcome: "merged" };
		case "erased":
			return refused("it says what was erased here; --revive takes it all the same");
		case "without_memory":
			return refused("its memory was not taken under that id");
	}
}

function isEvent(row: PortableRow): row is ForeignEvent {
	return isText(row.id) && isText(row.memory_id) && isText(row.event);
}

async function takeEntity({ writer, columns, row, note }: Taking): Promise<Taken> {
	if (!isText(row.id) || !isText(row.name)) return refused("entity: name is missing");
	const known = await findEntityByName(writer, row.name);
	const isNew = !known && (await insertPortable(writer, TABLE_OF.entity, columns, row));
	if (isNew || (known && known.id !== row.id)) {
		const target = { targetId: known?.id ?? row.id, outcome: isNew ? "created" : "same" } as const;
		await note({ ...UNVERSIONED, kind: "entity", sourceKey: row.id, ...target });
	}
	return inserted(isNew);
}

async function takeRelation({ writer, importId, columns, row, note }: Taking): Promise<Taken> {
	if (!isText(row.id) || !isText(row.source_entity_id) || !isText(row.target_entity_id)) {
		return refused("relation: an entity is missing");
	}
	const source = await idHere(writer, importId, "entity", row.source_entity_id);
	const target = await idHere(writer, importId, "entity", row.target_entity_id);
	const areHere = (await hasEntity(writer, source)) && (await hasEntity(writer, target));
	if (!areHere) return refused("its entities were not taken");
	const isNew = await insertPortable(writer, TABLE_OF.relation, columns, {
		...row,
		source_entity_id: source,
		target_entity_id: target,
	});
	if (isNew) {
		const item = { ...UNVERSIONED, kind: "relation", sourceKey: row.id, targetId: row.id, outcome: "created" } as const;
		await note(item);
	}
	return inserted(isNew);
}

async function takeMention({ writer, importId, columns, row, note }: Taking): Promise<Taken> {
	if (!isText(row.memory_id) || !isText(row.entity_id)) return refused("mention: memory_id is missing");
	const memory = await idHere(writer, importId, "memory", row.memory_id);
	const entity = await idHere(writer, importId, "entity", row.entity_id);
	if (!(await findMemory(writer, memory, EVERYTHING))) return refused("its memory was not taken");
	if (!(await hasEntity(writer, entity))) return refused("its entity was not taken");
	const isNew = await insertPortable(writer, TABLE_OF.mention, columns, {
		...row,
		memory_id: memory,
		entity_id: entity,
	});
	if (isNew) {
		const item = { ...UNVERSIONED, kind: "mention", targetId: entity, outcome: "created" } as const;
		await note({ ...item, sourceKey: `${memory} ${entity}` });
	}
	return inserted(isNew);
}

const UNVERSIONED = { version: 0, ...baseOf(undefined) } as const satisfies Partial<ImportItem>;

/** What stands here for something that had that id there. */
async function idHere(writer: Writer, importId: string, kind: Carried, id: string): Promise<string> {
	return (await findImportItem(writer, importId, kind, id))?.targetId ?? id;
}

function inserted(isNew: boolean): Taken {
	return { outcome: isNew ? "kept" : "merged" };
}

function refused(why: string): Taken {
	return { outcome: "refused", why };
}
