import { isoTime, normaliseContent, type World } from "@signet/core";
import {
	type Database,
	deleteCompletedJobs,
	deleteDeadJobs,
	deleteOrphanedEvents,
	type EventPlace,
	entitiesOf,
	expiredMemories,
	purgeMemory,
	recountEntities,
	type Writer,
} from "@signet/db";
import { rememberAbsent } from "./absence.ts";
import { isRetired } from "./actor.ts";
import { RETENTION_DAYS } from "./retention.ts";

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 180;
const COMPLETED_JOB_DAYS = 14;
const DEAD_JOB_DAYS = 30;
/** Memories removed in one commit. */
const MEMORIES = 10;
/** Rows of other tables looked at in one commit. */
const ROWS = 200;

export interface SweepContext {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "random" | "timers">;
}

/** What was removed, by the reference's names. */
export interface Swept {
	graphLinksPurged: number;
	entitiesOrphaned: number;
	embeddingsPurged: number;
	tombstonesPurged: number;
	historyPurged: number;
	completedJobsPurged: number;
	deadJobsPurged: number;
}

/**
 * Remove what is over age: forgotten memories that cannot be brought back any more, the history of memories that are
 * gone, jobs that ended. Gives way to other work, and stops when `signal` is aborted. That a value was forgotten stays
 * known, so that no program brings it back.
 */
export async function sweep({ database, world }: SweepContext, signal: AbortSignal): Promise<Swept> {
	const daysAgo = (days: number) => isoTime(world.clock.now() - days * DAY_MS);
	const swept: Swept = {
		graphLinksPurged: 0,
		entitiesOrphaned: 0,
		embeddingsPurged: 0,
		tombstonesPurged: 0,
		historyPurged: 0,
		completedJobsPurged: 0,
		deadJobsPurged: 0,
	};
	/** Commit after commit, until one finds less than it may take. */
	const repeat = async (work: (writer: Writer) => Promise<number>, limit: number): Promise<number> => {
		let total = 0;
		for (let count = limit; count === limit && !signal.aborted; total += count) {
			count = await database.write(work);
			await world.timers.yield();
		}
		return total;
	};
	await repeat((writer) => purgeExpired(writer, world, daysAgo(RETENTION_DAYS), swept), MEMORIES);
	for (let after: EventPlace | undefined = { createdAt: "", rowid: 0 }; after && !signal.aborted; ) {
		const place: { after: EventPlace; limit: number } = { after, limit: ROWS };
		const { removed, next } = await database.write((writer) =>
			deleteOrphanedEvents(writer, daysAgo(HISTORY_DAYS), place),
		);
		swept.historyPurged += removed;
		after = next;
		await world.timers.yield();
	}
	swept.completedJobsPurged = await repeat(
		(writer) => deleteCompletedJobs(writer, daysAgo(COMPLETED_JOB_DAYS), ROWS),
		ROWS,
	);
	swept.deadJobsPurged = await repeat((writer) => deleteDeadJobs(writer, daysAgo(DEAD_JOB_DAYS), ROWS), ROWS);
	return swept;
}

/** Resolves to how many memories were removed. */
async function purgeExpired(
	writer: Writer,
	{ random }: Pick<World, "random">,
	before: string,
	swept: Swept,
): Promise<number> {
	const expired = await expiredMemories(writer, before, MEMORIES);
	if (expired.length === 0) return 0;
	const entities = await entitiesOf(
		writer,
		expired.map(({ id }) => id),
	);
	let vectors = 0;
	for (const { id, content, deletedAt, updatedBy } of expired) {
		if (!isRetired({ updatedBy }))
			await rememberAbsent(writer, "forgotten", normaliseContent(content), { random, at: deletedAt });
		vectors += (await purgeMemory(writer, id)).length;
	}
	swept.entitiesOrphaned += await recountEntities(writer, entities);
	swept.graphLinksPurged += entities.length;
	swept.embeddingsPurged += vectors;
	swept.tombstonesPurged += expired.length;
	return expired.length;
}
