import type { MemoryFilter } from "@signet/core";
import sql, { join, type Sql } from "sql-template-tag";

/** Rows that were not forgotten. Old rows may have NULL there. */
export const IS_ACTIVE = sql`COALESCE(m.is_deleted, 0) = 0`;

/** A filter as a condition on `m`, a row of `memories`. */
export function memoryPredicate(filter: MemoryFilter): Sql {
	const conditions: Sql[] = [IS_ACTIVE];
	if (filter.idPrefix !== undefined)
		conditions.push(sql`substr(m.id, 1, ${filter.idPrefix.length}) = ${filter.idPrefix}`);
	if (filter.type !== undefined) conditions.push(sql`m.type = ${filter.type}`);
	if (filter.who !== undefined) conditions.push(sql`m.who = ${filter.who}`);
	if (filter.project !== undefined) conditions.push(sql`m.project = ${filter.project}`);
	if (filter.sourceType !== undefined) conditions.push(sql`m.source_type = ${filter.sourceType}`);
	if (filter.pinned !== undefined) conditions.push(sql`COALESCE(m.pinned, 0) = ${filter.pinned ? 1 : 0}`);
	if (filter.importanceMin !== undefined) conditions.push(sql`m.importance >= ${filter.importanceMin}`);
	if (filter.sinceMs !== undefined) conditions.push(sql`${CREATED_MS} >= ${filter.sinceMs}`);
	if (filter.untilMs !== undefined) conditions.push(sql`${CREATED_MS} <= ${filter.untilMs}`);
	for (const tag of filter.tags ?? []) conditions.push(hasTag(foldAscii(tag)));
	return join(conditions, " AND ");
}

/** Whether a filter says anything beyond "not forgotten". */
export function isRestrictive(filter: MemoryFilter): boolean {
	return Object.values(filter).some((part) => part !== undefined && !(Array.isArray(part) && part.length === 0));
}

/** Both stored forms of a time, ISO and SQLite's own, in milliseconds; rounded, since the fraction is a double. */
const CREATED_MS = sql`round(unixepoch(m.created_at, 'subsec') * 1000)`;

/** Both stored forms of tags, a JSON array and a comma list. */
function hasTag(tag: string): Sql {
	return sql`EXISTS (SELECT 1 FROM json_each(CASE WHEN m.tags LIKE '[%' AND json_valid(m.tags) THEN m.tags
		ELSE '[' || replace(json_quote(CAST(m.tags AS TEXT)), ',', '","') || ']' END) t WHERE lower(trim(t.value)) = ${tag})`;
}

/** As SQLite's `lower`, which knows the letters of ASCII alone. */
function foldAscii(text: string): string {
	return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
