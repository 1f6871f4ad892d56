import type { World } from "@signet/core";
import {
	findEntityByName,
	findImportItem,
	findMemory,
	insertPortable,
	type PortableRow,
	type PortableValue,
	putImportItem,
	type Writer,
} from "@signet/db";
import { type Actor, adopt, type ForeignMemory } from "@signet/memory";
import { type Carried, TABLE_OF, type Taken, type TransferRow } from "../row.ts";

type ForeignRow = Exclude<TransferRow, { kind: "text" }>;
export type ColumnsByKind = Readonly<Record<ForeignRow["kind"], ReadonlySet<string>>>;

interface Taking {
	readonly writer: Writer;
	readonly importId: string;
	readonly columns: ReadonlySet<string>;
	readonly row: PortableRow;
}

/** Take a row of one of our tables as it is, as far as what it belongs to is here. */
export async function takeForeignRow(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	columns: ColumnsByKind,
	{ kind, row }: ForeignRow,
	actor: Actor,
	{ importId, isRevived }: { importId: string; isRevived: boolean },
): Promise<Taken> {
	const taking: Taking = { writer, importId, columns: columns[kind], row };
	switch (kind) {
		case "memory":
			return takeMemory(taking, world, actor, isRevived);
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
	{ writer, importId, columns, row }: Taking,
	world: Pick<World, "clock" | "random">,
	actor: Actor,
	isRevived: boolean,
): Promise<Taken> {
	if (!isMemory(row)) return refused("a memory needs an id and a content");
	const { outcome, memory } = await adopt(writer, row, actor, { world, columns, isRevived });
	if (!memory) {
		return refused(`it was ${outcome} here; --revive takes it all the same`);
	}
	if (outcome === "same" && memory.id === row.id) return { outcome: "merged" };
	const item = { kind: "memory", sourceKey: row.id, targetId: memory.id, outcome, version: memory.version ?? 1 };
	await putImportItem(writer, importId, item);
	return { outcome: outcome === "same" ? "merged" : "kept" };
}

function isMemory(row: PortableRow): row is ForeignMemory {
	return isText(row.id) && isText(row.content);
}

/** Events say what happened to a memory under its id there; where that is another one's past they say nothing. */
async function takeEvent({ writer, columns, row }: Taking): Promise<Taken> {
	if (!isText(row.id) || !isText(row.memory_id) || !isText(row.event)) {
		return refused("an event needs an id, a memory_id and an event");
	}
	if (!(await findMemory(writer, row.memory_id)) && row.event !== "erased" && row.memory_id !== "system") {
		return refused("its memory was not taken under that id");
	}
	const defaults = { changed_by: "import", created_at: "" };
	return inserted(await insertPortable(writer, TABLE_OF.event, columns, { ...defaults, ...row }));
}

async function takeEntity({ writer, importId, columns, row }: Taking): Promise<Taken> {
	if (!isText(row.id) || !isText(row.name)) return refused("an entity needs an id and a name");
	const known = await findEntityByName(writer, row.name);
	const defaults = { entity_type: "unknown", mentions: 1, created_at: "", updated_at: "" };
	const isNew = !known && (await insertPortable(writer, TABLE_OF.entity, columns, { ...defaults, ...row }));
	if (isNew || (known && known.id !== row.id)) {
		const outcome = isNew ? "created" : "same";
		const item = { kind: "entity", sourceKey: row.id, targetId: known?.id ?? row.id, outcome, version: 0 } as const;
		await putImportItem(writer, importId, item);
	}
	return inserted(isNew);
}

async function takeRelation({ writer, importId, columns, row }: Taking): Promise<Taken> {
	if (!isText(row.id) || !isText(row.source_entity_id) || !isText(row.target_entity_id)) {
		return refused("a relation needs an id and two entities");
	}
	const isNew = await insertPortable(writer, TABLE_OF.relation, columns, {
		relation_type: "related",
		strength: 1,
		mentions: 1,
		confidence: 0.8,
		created_at: "",
		...row,
		source_entity_id: await idHere(writer, importId, "entity", row.source_entity_id),
		target_entity_id: await idHere(writer, importId, "entity", row.target_entity_id),
	});
	if (isNew) {
		const item = { kind: "relation", sourceKey: row.id, targetId: row.id, outcome: "created", version: 0 } as const;
		await putImportItem(writer, importId, item);
	}
	return inserted(isNew);
}

async function takeMention({ writer, importId, columns, row }: Taking): Promise<Taken> {
	if (!isText(row.memory_id) || !isText(row.entity_id)) return refused("a mention needs a memory_id and an entity_id");
	const memory = await idHere(writer, importId, "memory", row.memory_id);
	const entity = await idHere(writer, importId, "entity", row.entity_id);
	if (!(await findMemory(writer, memory))) return refused("its memory was not taken");
	const isNew = await insertPortable(writer, TABLE_OF.mention, columns, {
		...row,
		memory_id: memory,
		entity_id: entity,
	});
	if (isNew) {
		const item = { kind: "mention", sourceKey: `${memory} ${entity}`, targetId: entity, outcome: "created" } as const;
		await putImportItem(writer, importId, { ...item, version: 0 });
	}
	return inserted(isNew);
}

/** What stands here for something that had that id there. */
async function idHere(writer: Writer, importId: string, kind: Carried, id: string): Promise<string> {
	return (await findImportItem(writer, importId, kind, id))?.targetId ?? id;
}

function isText(value: PortableValue | undefined): value is string {
	return typeof value === "string" && value.trim() !== "";
}

function inserted(isNew: boolean): Taken {
	return { outcome: isNew ? "kept" : "merged" };
}

function refused(why: string): Taken {
	return { outcome: "refused", why };
}
