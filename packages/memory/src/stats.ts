import type { MemoryScope } from "@signet/core";
import {
	countByType,
	countJobs,
	countMemories,
	countPinned,
	type Database,
	type MemoryCounts,
	readListed,
} from "@signet/db";

export interface MemoryStats extends MemoryCounts {
	readonly pinned: number;
	readonly byType: Readonly<Record<string, number>>;
	/** When the oldest and the newest memory were made, as stored; null when there is none. */
	readonly oldest: string | null;
	readonly newest: string | null;
	readonly jobs: readonly { readonly type: string; readonly status: string; readonly count: number }[];
}

/** Count what there is in a scope. Forgotten memories are only in `deleted`. */
export function readStats(database: Database, scope: MemoryScope): Promise<MemoryStats> {
	return database.read(async (reader) => {
		const end = async (order: "asc" | "desc") => {
			const [first] = await readListed(reader, { filter: { scope }, order }, {}, { limit: 1 });
			return first?.created_at ?? null;
		};
		return {
			...(await countMemories(reader, scope)),
			pinned: await countPinned(reader, scope),
			byType: await countByType(reader, scope),
			oldest: await end("asc"),
			newest: await end("desc"),
			jobs: await countJobs(reader, scope),
		};
	});
}
