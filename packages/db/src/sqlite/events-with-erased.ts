import { openReader } from "./connection.ts";
import { readErased } from "./erased-texts.ts";

interface EventRow {
	readonly place: number;
	readonly old: unknown;
	readonly now: unknown;
	readonly metadata: unknown;
}

/**
 * Numbers of the events in the history of other memories that hold a text which was erased: they said it once, and say
 * something else now. Reads every event, and keeps the thread busy meanwhile.
 */
export function eventsWithErased(file: string): number[] {
	const { isErased } = readErased(file);
	const db = openReader(file);
	try {
		const events = db.query<EventRow, []>(
			"SELECT rowid AS place, old_content AS old, new_content AS now, metadata FROM memory_history",
		);
		const found: number[] = [];
		for (const { place, old, now, metadata } of events.iterate()) {
			const texts = [old, now, ...contentsIn(metadata)];
			if (texts.some((text) => typeof text === "string" && isErased(text))) found.push(place);
		}
		return found;
	} finally {
		db.close();
	}
}

/** Events of coming and going keep the content among the fields that changed. */
function contentsIn(metadata: unknown): unknown[] {
	if (typeof metadata !== "string" || !metadata.includes('"content"')) return [];
	try {
		const { changes } = JSON.parse(metadata);
		return [changes?.content?.before, changes?.content?.after];
	} catch {
		return [];
	}
}
