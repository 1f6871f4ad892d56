import { invalidRequest, isScoped, type MemoryScope } from "@signet/core";
import { type Database, findMemory, readHistoryEvents, type StoredEvent } from "@signet/db";
import type { FieldChange } from "./event.ts";

export interface HistoryRequest {
	/** Of a memory outside of it nothing is known, and of one that is gone only where it leaves nothing out. */
	readonly scope: MemoryScope;
	readonly order: "asc" | "desc";
	readonly limit: number;
	/** As the page before it gave it. */
	readonly cursor?: string | undefined;
}

/** An event as it is answered; the reference's keys, and what it does not have. */
export interface HistoryItem
	extends Omit<StoredEvent, "memoryId" | "metadata" | "actorType" | "sessionId" | "requestId"> {
	readonly metadata: unknown;
	readonly actorType?: string;
	readonly sessionId?: string;
	readonly requestId?: string;
	/** Of the memory after the event; not known of what the reference wrote. */
	readonly version?: number;
	/** Fields that are different since. */
	readonly changes?: Readonly<Record<string, FieldChange>>;
}

export interface History {
	readonly memoryId: string;
	readonly count: number;
	readonly history: readonly HistoryItem[];
	/** For the next page, when there is one. */
	readonly nextCursor?: string;
}

/** What happened to a memory, forgotten or not; undefined when nothing is known of it. Throws for a cursor of another kind. */
export async function readHistory(
	database: Database,
	memoryId: string,
	request: HistoryRequest,
): Promise<History | undefined> {
	const { scope, order, limit, cursor } = request;
	const after = cursor === undefined ? undefined : sequenceOf(cursor);
	const events = await database.read(async (reader) => {
		const isThere = (await findMemory(reader, memoryId, scope)) !== undefined;
		if (!isThere && isScoped(scope)) return undefined;
		const page = await readHistoryEvents(reader, memoryId, { order, after, limit: limit + 1 });
		return page.length > 0 || isThere ? page : undefined;
	});
	if (!events) return undefined;
	const shown = events.slice(0, limit);
	const last = shown.at(-1);
	return {
		memoryId,
		count: shown.length,
		history: shown.map(itemOf),
		...(events.length > limit && last && { nextCursor: String(last.sequence) }),
	};
}

function sequenceOf(cursor: string): number {
	const sequence = Number(cursor);
	if (!/^\d+$/.test(cursor) || !Number.isSafeInteger(sequence)) {
		throw invalidRequest("cursor must be the nextCursor of the page before");
	}
	return sequence;
}

function itemOf({ memoryId: _, actorType, sessionId, requestId, metadata: text, ...event }: StoredEvent): HistoryItem {
	const { version, changes, metadata } = parseMetadata(text);
	const { oldContent, newContent } = event;
	const isEdited = oldContent !== null && newContent !== null && oldContent !== newContent;
	const content = isEdited && { content: { before: oldContent, after: newContent } };
	return {
		...event,
		metadata,
		...(actorType !== null && { actorType }),
		...(sessionId !== null && { sessionId }),
		...(requestId !== null && { requestId }),
		...(version !== undefined && { version }),
		...((changes || content) && { changes: { ...content, ...changes } }),
	};
}

interface Metadata {
	readonly version?: number;
	readonly changes?: Readonly<Record<string, FieldChange>>;
	/** Of the memory before the event, where it is not the number before. */
	readonly previousVersion?: number;
	/** The version that was had back. */
	readonly restoredVersion?: number;
	/** The rest, or what was no JSON object as it is. */
	readonly metadata: unknown;
}

/** What an event says of itself. Other programs may have written anything. */
export function parseMetadata(text: string | null): Metadata {
	if (text === null) return { metadata: null };
	const parsed = parseJson(text);
	if (!isRecord(parsed)) return { metadata: parsed };
	const { version, changes, ...metadata } = parsed;
	if (typeof version !== "number") return { metadata: parsed };
	const { previousVersion, restoredVersion } = metadata;
	return {
		version,
		metadata,
		...(isChanges(changes) && { changes }),
		...(typeof previousVersion === "number" && { previousVersion }),
		...(typeof restoredVersion === "number" && { restoredVersion }),
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function isChanges(value: unknown): value is Record<string, FieldChange> {
	return (
		isRecord(value) &&
		Object.values(value).every((change) => isRecord(change) && "before" in change && "after" in change)
	);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
