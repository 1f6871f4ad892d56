import sql, { type Sql } from "sql-template-tag";
import type { Reader } from "../database.ts";
import { IS_ACTIVE } from "../sqlite/memory-predicate.ts";

export interface MemoryCounts {
	/** Not forgotten. */
	readonly total: number;
	/** Of those, how many have a vector. */
	readonly withEmbeddings: number;
	/** Of importance 0.9 or more. */
	readonly critical: number;
	readonly deleted: number;
}

/** How many memories there are. Each number by an index that holds little else: no memory is read. */
export async function countMemories(reader: Reader): Promise<MemoryCounts> {
	const count = async (statement: Sql) => (await reader.get<{ n: number }>(statement))?.n ?? 0;
	const rows = await count(sql`SELECT count(*) AS n FROM memories`);
	const deleted = await count(sql`SELECT count(*) AS n FROM memories WHERE is_deleted = 1`);
	return {
		total: rows - deleted,
		withEmbeddings: await count(sql`SELECT count(*) AS n FROM sgn_embedded`),
		critical: await count(sql`SELECT count(*) AS n FROM memories m WHERE m.importance >= 0.9 AND ${IS_ACTIVE}`),
		deleted,
	};
}

/** How many memories of each type there are, without forgotten ones, the most first. */
export async function countByType(reader: Reader): Promise<Record<string, number>> {
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
	const counts = all.map(({ type, n }): [string, number] => [type, n - (forgotten.get(type) ?? 0)]);
	return Object.fromEntries(counts.filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a));
}

export async function countPinned(reader: Reader): Promise<number> {
	const row = await reader.get<{ n: number }>(
		sql`SELECT count(*) AS n FROM memories m WHERE m.pinned = 1 AND ${IS_ACTIVE}`,
	);
	return row?.n ?? 0;
}
