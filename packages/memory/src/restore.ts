import { RequestError } from "@signet/core";
import { findMemory, type MemoryRow, readHistoryEvents, type StoredEvent, type Writer } from "@signet/db";
import type { Actor } from "./actor.ts";
import { type ChangeRequest, versionOf } from "./change.ts";
import { type ChangeContext, changeContext, demandThawed, type MemoryContext } from "./context.ts";
import { parseMetadata } from "./history.ts";
import { applyPatch, type Modified, type Patch, withVector } from "./modify.ts";

const EVENTS_AT_A_TIME = 100;

export interface RestoreRequest extends ChangeRequest {
	/** The version whose content and fields are wanted back. */
	readonly version: number;
	/** Who is to count as the one who has changed it last; otherwise the actor. */
	readonly updatedBy?: string;
}

export type Restored = Modified & {
	/** Fields of which the history does not say what they were; they stay as they are. */
	readonly unknown?: readonly string[];
};

/**
 * Make a memory again what it was at a version; that is a change like any other and makes a new version. Throws when the
 * history does not reach back so far, and when memory is frozen by the configuration.
 */
export async function restore(context: MemoryContext, request: RestoreRequest, actor: Actor): Promise<Restored> {
	demandThawed(context);
	const changing = await changeContext(context);
	const restored = await context.database.write((writer) => applyRestore(writer, changing, request, actor));
	return { ...(await withVector(context, restored)), ...(restored.unknown && { unknown: restored.unknown }) };
}

/** Restore a memory within a write. */
export async function applyRestore(
	writer: Writer,
	context: ChangeContext,
	request: RestoreRequest,
	actor: Actor,
): Promise<Restored> {
	const { id, version } = request;
	const memory = await findMemory(writer, id, actor.scope);
	if (!memory) return { id, status: "not_found" };
	const { patch, unknown } = await stateAt(writer, memory, version);
	const modified = await applyPatch(
		writer,
		context,
		{ ...request, patch, metadata: { restoredVersion: version } },
		actor,
	);
	return { ...modified, ...(unknown.length > 0 && { unknown }) };
}

/**
 * What has to be changed so that a memory is what it was at a version: events are undone from the newest on until that is
 * reached. Throws when they do not reach back so far.
 */
export async function stateAt(
	writer: Writer,
	memory: MemoryRow,
	version: number,
): Promise<{ patch: Patch; unknown: string[] }> {
	const state = new Map<string, unknown>();
	const unknown = new Set<string>();
	let current = versionOf(memory);
	if (version > current) throw noSuchVersion(memory, version);
	for (let after: number | undefined; current > version; ) {
		const events = await readHistoryEvents(writer, memory.id, { order: "desc", after, limit: EVENTS_AT_A_TIME });
		for (const event of events) {
			const { version: happened, previousVersion } = parseMetadata(event.metadata);
			if (happened !== undefined && happened <= version) current = version;
			if (current <= version) break;
			if (!CHANGING.has(event.event)) continue;
			current = previousVersion ?? (happened ?? current) - 1;
			undo(event, state, unknown);
		}
		after = events.at(-1)?.sequence;
		if (events.length < EVENTS_AT_A_TIME && current > version) throw noSuchVersion(memory, version);
	}
	return { patch: patchOf(state), unknown: [...unknown] };
}

/** Events that make a new version. */
const CHANGING = new Set(["updated", "merged", "deleted", "recovered"]);
const FIELDS = ["content", "type", "tags", "importance", "pinned", "project"];

function undo(event: StoredEvent, state: Map<string, unknown>, unknown: Set<string>): void {
	const { changes, metadata } = parseMetadata(event.metadata);
	if (isRecord(metadata) && metadata.isErased === true) unknown.add("content");
	const isEdit = event.event === "updated" || event.event === "merged";
	if (isEdit && event.oldContent !== null) state.set("content", event.oldContent);
	for (const [field, { before }] of Object.entries(changes ?? {})) state.set(field, before);
	// The reference names the fields that it changed and keeps only the content.
	const named = isRecord(metadata) && metadata.changedFields;
	if (changes || !Array.isArray(named)) return;
	for (const field of named) if (FIELDS.includes(field) && field !== "content") unknown.add(field);
}

function patchOf(state: ReadonlyMap<string, unknown>): Patch {
	const [content, type, tags, importance, pinned, project] = FIELDS.map((field) => state.get(field));
	return {
		...(typeof content === "string" && { content }),
		...(typeof type === "string" && { type }),
		...((typeof tags === "string" || tags === null) && { tags }),
		...(typeof importance === "number" && { importance }),
		...(pinned !== undefined && { pinned: pinned === 1 }),
		...((typeof project === "string" || project === null) && { project }),
	};
}

function noSuchVersion(memory: MemoryRow, version: number): RequestError {
	return new RequestError(
		409,
		"version_unknown",
		`The history of ${memory.id} does not say what it was at version ${version}; it is at version ${versionOf(memory)}`,
		{ currentVersion: versionOf(memory) },
	);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
