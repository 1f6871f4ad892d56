import { type MemoryFilter, notFound } from "@signet/core";
import {
	countMemories,
	type Database,
	findMemory,
	findMemoryOfChunk,
	listMemories,
	type MemoryCounts,
	type MemoryRow,
} from "@signet/db";

/** The memory of an id, or the one that has a chunk of that id. Throws when there is none, or it was forgotten. */
export async function readMemory(database: Database, id: string): Promise<MemoryRow> {
	const row = await database.read(async (reader) => (await findMemory(reader, id)) ?? findMemoryOfChunk(reader, id));
	if (!row || row.is_deleted === 1) throw notFound("not found");
	return row;
}

/** A page of memories, the newest first, with the counts of all there are. */
export function browseMemories(
	database: Database,
	filter: MemoryFilter,
	page: { limit: number; offset: number },
): Promise<{ memories: MemoryRow[]; counts: MemoryCounts }> {
	return database.read(async (reader) => ({
		memories: await listMemories(reader, filter, page),
		counts: await countMemories(reader),
	}));
}
