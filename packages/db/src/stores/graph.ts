import sql from "sql-template-tag";
import type { Reader } from "../database.ts";
import { list } from "../sqlite/list.ts";
import { IS_ACTIVE } from "../sqlite/memory-predicate.ts";

const MAX_ENTITIES = 20;
const MAX_RELATIONS = 50;
const MAX_LINKED = 200;
const MAX_RATIONALES = 10;

/** Entities that have one of the names or a word of theirs among the words, those mentioned most first. */
export async function entitiesNamed(reader: Reader, words: readonly string[]): Promise<string[]> {
	if (words.length === 0) return [];
	const rows = await reader.all<{ id: string }>(sql`
		SELECT e.id FROM entities e
		WHERE e.entity_type <> 'chunk_group' AND EXISTS (
			SELECT 1 FROM json_each(${JSON.stringify(words)}) w
			WHERE instr(' ' || e.canonical_name || ' ', ' ' || w.value || ' ') > 0
		) ORDER BY e.mentions DESC LIMIT ${MAX_ENTITIES}`);
	return rows.map(({ id }) => id);
}

/** Entities one relation away from any of the given ones, in either direction. */
export async function neighbouringEntities(reader: Reader, entities: readonly string[]): Promise<string[]> {
	if (entities.length === 0) return [];
	const rows = await reader.all<{ id: string }>(sql`
		SELECT target_entity_id AS id FROM relations WHERE source_entity_id IN ${list(entities)}
		UNION SELECT source_entity_id AS id FROM relations WHERE target_entity_id IN ${list(entities)}
		LIMIT ${MAX_RELATIONS}`);
	return rows.map(({ id }) => id);
}

/** Memories that mention any of the entities. */
export async function memoriesMentioning(reader: Reader, entities: readonly string[]): Promise<Set<string>> {
	if (entities.length === 0) return new Set();
	const rows = await reader.all<{ id: string }>(sql`
		SELECT DISTINCT m.id FROM memory_entity_mentions x JOIN memories m ON m.id = x.memory_id
		WHERE x.entity_id IN ${list(entities)} AND ${IS_ACTIVE} LIMIT ${MAX_LINKED}`);
	return new Set(rows.map(({ id }) => id));
}

/** Ids of the rationales that mention an entity which one of the decisions mentions too. */
export async function rationalesBehind(reader: Reader, decisions: readonly string[]): Promise<string[]> {
	if (decisions.length === 0) return [];
	const rows = await reader.all<{ id: string }>(sql`
		SELECT DISTINCT m.id FROM memory_entity_mentions d
		JOIN memory_entity_mentions x ON x.entity_id = d.entity_id
		JOIN memories m ON m.id = x.memory_id
		WHERE d.memory_id IN ${list(decisions)} AND m.type = 'rationale' AND ${IS_ACTIVE} LIMIT ${MAX_RATIONALES}`);
	return rows.map(({ id }) => id);
}
