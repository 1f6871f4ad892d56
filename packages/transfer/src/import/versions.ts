import { type MemoryRow, readHistoryEvents, type Writer } from "@signet/db";
import { IMPORT_KEEPER, parseMetadata } from "@signet/memory";

/** Events of a memory that are looked at: who changes one more often than that does so by hand. */
const LOOKED_AT = 1_000;

/** The versions of a memory. */
export interface Versions {
	readonly current: number;
	/** Whether a memory was the same at two versions, since undoing has brought it back from one to the other. */
	isSame(one: number | null, other: number): boolean;
}

/** Which versions of a memory are those that undone imports have brought back. */
export async function versionsOf(writer: Writer, memory: MemoryRow): Promise<Versions> {
	const restored = new Map<number, number>();
	for (const event of await readHistoryEvents(writer, memory.id, { order: "desc", limit: LOOKED_AT })) {
		if (event.changedBy !== IMPORT_KEEPER.changedBy) continue;
		const { version, restoredVersion } = parseMetadata(event.metadata);
		if (version !== undefined && restoredVersion !== undefined && restoredVersion < version) {
			restored.set(version, restoredVersion);
		}
	}
	const firstOf = (version: number): number => {
		const earlier = restored.get(version);
		return earlier === undefined ? version : firstOf(earlier);
	};
	return {
		current: memory.version ?? 1,
		isSame: (one, other) => one !== null && firstOf(one) === firstOf(other),
	};
}
