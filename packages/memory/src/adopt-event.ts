import { EVERYTHING, normaliseContent } from "@signet/core";
import {
	findMemory,
	insertPortable,
	NO_MEMORY,
	type PortableRow,
	type PortableValue,
	readHistoryEvents,
	type Writer,
} from "@signet/db";
import { isAbsentText } from "./absence.ts";
import { parseMetadata } from "./history.ts";

/** An event as it stood elsewhere. */
export type ForeignEvent = PortableRow & { readonly id: string; readonly memory_id: string; readonly event: string };

export interface AdoptEventOptions {
	/** The columns that events have here. */
	readonly columns: ReadonlySet<string>;
	/** Take even what says something that was erased here; whoever asks has to say so. */
	readonly isRevived: boolean;
	/** Whether the memory here is the one there: it has come from there, or is in the same state. */
	readonly isOnePast: boolean;
}

/** What became of it: it is part of the history now, or was already told, or has no memory here, or says what was erased. */
export type AdoptedEvent = "created" | "same" | "without_memory" | "erased";

/**
 * Take an event into the history of a memory that was adopted. Events come in their order. Where the memory here is
 * another version, or something has happened to it at that version or a later one, its past is the one that is told here:
 * two of them would be none.
 * Belongs inside a write.
 */
export async function adoptEvent(
	writer: Writer,
	foreign: ForeignEvent,
	{ columns, isRevived, isOnePast }: AdoptEventOptions,
): Promise<AdoptedEvent> {
	const isHere = (await findMemory(writer, foreign.memory_id, EVERYTHING)) !== undefined;
	const isOfNone = foreign.event === "erased" || foreign.memory_id === NO_MEMORY;
	if (!isHere && !isOfNone) return "without_memory";
	if (isHere && isOfNone && foreign.memory_id !== NO_MEMORY) return "same";
	if (isHere && (!isOnePast || (await isTold(writer, foreign)))) return "same";
	if (!isRevived && (await saysErased(writer, foreign))) return "erased";
	return (await insertPortable(writer, "memory_history", columns, foreign)) ? "created" : "same";
}

/** Whether the history goes as far as this event. What the reference wrote has no version, and counts as before all. */
async function isTold(writer: Writer, { memory_id, metadata }: ForeignEvent): Promise<boolean> {
	const [last] = await readHistoryEvents(writer, memory_id, { order: "desc", limit: 1 });
	if (!last || last.event === "erased") return false;
	const version = parseMetadata(last.metadata).version;
	return version !== undefined && version >= (parseMetadata(textOf(metadata)).version ?? 0);
}

async function saysErased(writer: Writer, { old_content, new_content, metadata }: ForeignEvent): Promise<boolean> {
	const { content } = parseMetadata(textOf(metadata)).changes ?? {};
	for (const said of [old_content, new_content, content?.before, content?.after]) {
		if (typeof said === "string" && (await isAbsentText(writer, "erased", normaliseContent(said)))) return true;
	}
	return false;
}

function textOf(value: PortableValue | undefined): string | null {
	return typeof value === "string" ? value : null;
}
