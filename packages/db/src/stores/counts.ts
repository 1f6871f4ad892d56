import { isScoped, type MemoryScope } from "@signet/core";
import sql, { type Sql } from "sql-template-tag";
import type { Reader } from "../database.ts";
import { IS_ACTIVE, scopePredicate } from "../sqlite/memory-predicate.ts";

export interface MemoryCounts {
	/** Not forgotten. */
	readonly total: number;
	/** Of those, how many have a vector. */
	readonly withEmbeddings: number;
	/** Of importance 0.9 or more. */
	readonly critical: number;
	readonly deleted: number;
}

/** How many memories of a scope there are. */
export function countMemories(reader: Reader, scope: MemoryScope): Promise<MemoryCounts> {
	return isScoped(scope) ? countScoped(reader, scope) : countAll(reader);
}

/** Each number by an index that holds little else: no memory is read. */
async function countAll(reader: Reader): Promise<MemoryCounts> {
	const rows = await count(reader, sql`SELECT count(*) AS n FROM memories`);
	const deleted = await count(reader, sql`SELECT count(*) AS n FROM memories WHERE is_deleted = 1`);
	return {
		total: rows - deleted,
		withEmbeddings: await count(reader, sql`SELECT count(*) AS n FROM sgn_embedded`),
		critical: await count(reader, sql`SELECT count(*) AS n FROM memories m WHERE m.importance >= 0.9 AND ${IS_ACTIVE}`),
		deleted,
	};
}

async function countScoped(reader: Reader, scope: MemoryScope): Promise<MemoryCounts> {
	const hasVector = sql`EXISTS (SELECT 1 FROM sgn_documents d JOIN sgn_embedded e ON e.doc = d.doc WHERE d.memory_id = m.id)`;
	const counts = await reader.get<MemoryCounts>(sql`
		SELECT count(*) FILTER (WHERE ${IS_ACTIVE}) AS total,
			count(*) FILTER (WHERE ${IS_ACTIVE} AND ${hasVector}) AS withEmbeddings,
			count(*) FILTER (WHERE ${IS_ACTIVE} AND m.importance >= 0.9) AS critical,
			count(*) FILTER (WHERE m.is_deleted = 1) AS deleted
		FROM memories m WHERE ${scopePredicate(scope)}`);
	return counts ?? { total: 0, withEmbeddings: 0, critical: 0, deleted: 0 };
}

async function count(reader: Reader, statement: Sql): Promise<number> {
	return (await reader.get<{ n: number }>(statement))?.n ?? 0;
}

/** How many memories of each type a scope has, without forgotten ones, the most first. */
export async function countByType(reader: Reader, scope: MemoryScope): Promise<Record<string, number>> {
	if (isScoped(scope)) {
		const rows = await reader.all<{ type: string; n: number }>(sql`
			SELECT m.type, count(*) AS n FROM memories m WHERE ${IS_ACTIVE} AND ${scopePredicate(scope)} GROUP BY m.type`);
		return mostFirst(rows.map(({ type, n }) => [type, n]));
	}
	// By an index that has nothing but the type; forgotten ones are few, and taken off afterwards.
	const all = await reader.all<{ type: string; n: number }>(
		sql`SELECT type, count(*) AS n FROM memories INDEXED BY idx_memories_type GROUP BY type`,
	);
	const forgotten = new Map(
		(
			await reader.all<{ type: string; n: number }>(
				sql`SELECT type, count(*) AS n FROM memories WHERE is_deleted = 1 GROUP BY type`,
			)
		).map(({ type, n }) => [type, n]),
	);
	return mostFirst(all.map(({ type, n }) => [type, n - (forgotten.get(type) ?? 0)]));
}

function mostFirst(counts: readonly [type: string, n: number][]): Record<string, number> {
	return Object.fromEntries(counts.filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a));
}

export async function countPinned(reader: Reader, scope: MemoryScope): Promise<number> {
	return count(
		reader,
		sql`SELECT count(*) AS n FROM memories m WHERE m.pinned = 1 AND ${IS_ACTIVE} AND ${scopePredicate(scope)}`,
	);
}
