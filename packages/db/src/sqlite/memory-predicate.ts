import { isScoped, type MemoryFilter, type MemoryScope } from "@signet/core";
import sql, { join, type Sql } from "sql-template-tag";
import { CREATED_MS } from "./created-ms.ts";

/** Rows that were not forgotten. Old rows may have NULL there. */
export const IS_ACTIVE = sql`COALESCE(m.is_deleted, 0) = 0`;

/** Whether memories are meant that stand, that were forgotten, or both. */
export type Standing = "active" | "forgotten" | "any";

/** The standing as a condition on `m`; as the indices for lists have it. */
function isStanding(standing: Standing): Sql {
	switch (standing) {
		case "active":
			return IS_ACTIVE;
		case "forgotten":
			return sql`COALESCE(m.is_deleted, 0) <> 0`;
		case "any":
			return sql`1`;
	}
}

/**
 * A filter as a condition on `m`, a row of `memories`. The signs keep SQLite from going by an index of types or authors,
 * each of which may have half of the memories: what comes first is the order, or the documents that were found.
 */
export function memoryPredicate(filter: MemoryFilter, standing: Standing = "active"): Sql {
	const conditions: Sql[] = [isStanding(standing), ...scopeConditions(filter.scope)];
	if (filter.idPrefix !== undefined)
		conditions.push(sql`substr(m.id, 1, ${filter.idPrefix.length}) = ${filter.idPrefix}`);
	if (filter.type !== undefined) conditions.push(sql`+m.type = ${filter.type}`);
	if (filter.who !== undefined) conditions.push(sql`+m.who = ${filter.who}`);
	if (filter.project !== undefined) conditions.push(sql`+m.project = ${filter.project}`);
	if (filter.sourceType !== undefined) conditions.push(sql`+m.source_type = ${filter.sourceType}`);
	if (filter.pinned !== undefined) conditions.push(sql`COALESCE(m.pinned, 0) = ${filter.pinned ? 1 : 0}`);
	if (filter.importanceMin !== undefined) conditions.push(sql`+m.importance >= ${filter.importanceMin}`);
	if (filter.sinceMs !== undefined) conditions.push(sql`${CREATED_MS} >= ${filter.sinceMs}`);
	if (filter.untilMs !== undefined) conditions.push(sql`${CREATED_MS} <= ${filter.untilMs}`);
	for (const tag of filter.tags ?? []) conditions.push(hasTag(foldAscii(tag)));
	return join(conditions, " AND ");
}

/** Whether a filter says anything beyond "not forgotten". */
export function isRestrictive({ scope, ...filter }: MemoryFilter): boolean {
	return (
		isScoped(scope) ||
		Object.values(filter).some((part) => part !== undefined && !(Array.isArray(part) && part.length === 0))
	);
}

/** A scope as conditions on `m`, a row of `memories`, which must all hold; none where it leaves nothing out. */
export function scopeConditions({ project, agent, user }: MemoryScope): Sql[] {
	const conditions: Sql[] = [];
	if (project !== undefined) conditions.push(sql`+m.project = ${project}`);
	if (agent !== undefined) conditions.push(isOwnedBy(sql`o.agent = ${agent}`));
	if (user !== undefined) conditions.push(isOwnedBy(sql`o.user = ${user}`));
	return conditions;
}

/**
 * The memories that a filter is about, as a condition on `m` by whose index SQLite finds them; it is to be asked beside
 * `memoryPredicate`. The narrowest that there is: a user's before an agent's before a project's.
 */
export function foundByIndex({ scope, project = scope.project }: MemoryFilter): Sql {
	const { agent, user } = scope;
	if (user !== undefined) return sql`m.id IN (SELECT memory_id FROM sgn_memory_owners WHERE user = ${user})`;
	if (agent !== undefined) return sql`m.id IN (SELECT memory_id FROM sgn_memory_owners WHERE agent = ${agent})`;
	return project === undefined ? sql`TRUE` : sql`m.project = ${project}`;
}

/** A scope as one condition on `m`. */
export function scopePredicate(scope: MemoryScope): Sql {
	return isScoped(scope) ? join(scopeConditions(scope), " AND ") : sql`TRUE`;
}

function isOwnedBy(condition: Sql): Sql {
	return sql`EXISTS (SELECT 1 FROM sgn_memory_owners o WHERE o.memory_id = m.id AND ${condition})`;
}

/** Both stored forms of tags, a JSON array and a comma list. */
function hasTag(tag: string): Sql {
	return sql`EXISTS (SELECT 1 FROM json_each(CASE WHEN m.tags LIKE '[%' AND json_valid(m.tags) THEN m.tags
		ELSE '[' || replace(json_quote(CAST(m.tags AS TEXT)), ',', '","') || ']' END) t WHERE lower(trim(t.value)) = ${tag})`;
}

/** As SQLite's `lower`, which knows the letters of ASCII alone. */
function foldAscii(text: string): string {
	return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
