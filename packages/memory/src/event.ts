import { isoTime, orderedUuid, type World } from "@signet/core";
import { type HistoryEvent, insertHistoryEvent, type MemoryRow, type Writer } from "@signet/db";
import type { Actor } from "./actor.ts";
import { versionOf } from "./change.ts";

/** What a field was and what it is now. */
export interface FieldChange {
	readonly before: unknown;
	readonly after: unknown;
}

/** Something that happened to a memory. */
export interface Happening {
	readonly event: HistoryEvent["event"];
	/** The row before and after; left out where there was none. */
	readonly before?: MemoryRow;
	readonly after?: MemoryRow;
	readonly actor: Actor;
	readonly reason: string | null;
	/** What the reference's programs read of such an event. */
	readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Fields whose values an event keeps. The content stands in columns of its own, except when it changed as it came or went. */
const KEPT_FIELDS = ["type", "tags", "importance", "pinned", "project"] as const;

/**
 * Write down what happened to a memory, with each field as it was and as it is: enough to go back to any version.
 * Belongs into the write that does it.
 */
export async function recordEvent(
	writer: Writer,
	{ clock, random }: Pick<World, "clock" | "random">,
	{ event, before, after, actor, reason, metadata }: Happening,
): Promise<void> {
	const memory = after ?? before;
	if (!memory) throw new Error("an event without a memory");
	await insertHistoryEvent(writer, {
		id: orderedUuid(clock.now(), random.bytes),
		memoryId: memory.id,
		event,
		...contentsOf(event, before, after),
		reason,
		metadata: {
			...metadata,
			...verification(actor),
			version: memory.version ?? 1,
			// One that was merged with a later version from elsewhere does not follow the one that was here.
			...(before && after && versionOf(after) > versionOf(before) + 1 && { previousVersion: versionOf(before) }),
			...(before && after && { changes: changesOf(before, after) }),
		},
		createdAt: isoTime(clock.now()),
		...actor,
	});
}

/** What an event says of who did it, where that is only what they said. */
export function verification({ isVerified }: Pick<Actor, "isVerified">): { unverified?: true } {
	return isVerified ? {} : { unverified: true };
}

/** The content before and after; both null when it is the same, since then another event has it. */
function contentsOf(
	event: Happening["event"],
	before: MemoryRow | undefined,
	after: MemoryRow | undefined,
): Pick<HistoryEvent, "oldContent" | "newContent"> {
	const [old, current] = [before?.content ?? null, after?.content ?? null];
	if (event === "deleted") return { oldContent: old, newContent: null };
	if (event === "recovered") return { oldContent: null, newContent: current };
	return old === current ? { oldContent: null, newContent: null } : { oldContent: old, newContent: current };
}

function changesOf(before: MemoryRow, after: MemoryRow): Record<string, FieldChange> {
	const hasComeOrGone = (before.is_deleted === 1) !== (after.is_deleted === 1);
	const fields = hasComeOrGone ? ([...KEPT_FIELDS, "content"] as const) : KEPT_FIELDS;
	const changed = fields.filter((field) => before[field] !== after[field]);
	return Object.fromEntries(changed.map((field) => [field, { before: before[field], after: after[field] }]));
}
