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
