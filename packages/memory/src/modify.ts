import { cleanFields, isoTime, type NormalisedContent, normaliseContent } from "@signet/core";
import {
	findActiveByHash,
	findForgottenByHash,
	findMemory,
	type MemoryRow,
	type MemoryUpdate,
	updateMemory,
	type Writer,
} from "@signet/db";
import { isAbsentText } from "./absence.ts";
import type { Actor } from "./actor.ts";
import {
	type Changed,
	type ChangeRequest,
	changedRow,
	isAutonomous,
	isForgotten,
	isOtherVersion,
	type Refusal,
	refuse,
	refuseTwin,
	versionOf,
} from "./change.ts";
import { awaitVector, type ChangeContext, changeContext, demandThawed, type MemoryContext } from "./context.ts";
import { recordEvent } from "./event.ts";
import { demandProject } from "./scope.ts";

/** What is to be different; what is left out stays. */
export interface Patch {
	readonly content?: string | undefined;
	readonly type?: string | undefined;
	readonly tags?: string | null | undefined;
	/** From 0 to 1. */
	readonly importance?: number | undefined;
	readonly pinned?: boolean | undefined;
	readonly project?: string | null | undefined;
}

export interface ModifyRequest extends ChangeRequest {
	readonly patch: Patch;
	/** What else the history should say. */
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** Who is to count as the one who has changed it last; otherwise the actor. */
	readonly updatedBy?: string;
}

export type Modified =
	| (Changed<"updated"> & {
			readonly contentChanged: boolean;
			/** The new content can be found by its vector already. */
			readonly embedded?: true;
	  })
	| { readonly id: string; readonly status: "no_changes"; readonly currentVersion: number }
	| Refusal;

/**
 * Change a memory. Resolves when that is durable; the vector of a new content is waited for a little while. Throws when
 * memory is frozen by the configuration.
 */
export async function modify(context: MemoryContext, request: ModifyRequest, actor: Actor): Promise<Modified> {
	demandThawed(context);
	const changing = await changeContext(context);
	const modified = await context.database.write((writer) => applyPatch(writer, changing, request, actor));
	return withVector(context, modified);
}

/** Say whether a new content has its vector. */
export async function withVector(context: MemoryContext, modified: Modified): Promise<Modified> {
	if (modified.status !== "updated" || !modified.contentChanged) return modified;
	await context.documents.complete(modified.id);
	return (await awaitVector(context, modified.id)) ? { ...modified, embedded: true } : modified;
}

/**
 * Change a memory within a write. Secrets in the patch go no further than here. Throws when that would take it out of what
 * the actor can see.
 */
export async function applyPatch(
	writer: Writer,
	{ world, cleaner }: ChangeContext,
	request: ModifyRequest,
	actor: Actor,
): Promise<Modified> {
	const { id, ifVersion } = request;
	const reason = cleaner.clean(request.reason).text;
	const patch = cleanFields(request.patch, cleaner);
	const before = await findMemory(writer, id, actor.scope);
	if (!before) return { id, status: "not_found" };
	if (isForgotten(before)) return refuse(before, "deleted");
	if (isOtherVersion(before, request)) return refuse(before, "version_conflict");
	const { update, changedFields } = changesIn(before, patch);
	if ("project" in update) demandProject(update.project ?? null, actor.scope);
	if (changedFields.length === 0) return { id, status: "no_changes", currentVersion: versionOf(before) };
	if (before.pinned === 1 && isAutonomous(actor)) return refuse(before, "autonomous_force_denied");
	const { content } = update;
	const refusal = content && (await refuseContent(writer, before, content, actor));
	if (refusal) return refusal;
	await updateMemory(writer, id, {
		...update,
		updatedAt: isoTime(world.clock.now()),
		updatedBy: request.updatedBy ?? actor.changedBy,
	});
	const after = await changedRow(writer, id);
	const contentChanged = content !== undefined;
	const metadata = { ...request.metadata, changedFields, ifVersion: ifVersion ?? null, contentChanged };
	await recordEvent(writer, world, { event: "updated", before, after, actor, reason, metadata });
	return { id, status: "updated", currentVersion: versionOf(before), newVersion: versionOf(after), contentChanged };
}

type Update = Omit<MemoryUpdate, "updatedAt" | "updatedBy" | "forgottenAt">;

/** The fields that a patch makes different, in the order in which the history names them. */
export function changesIn(memory: MemoryRow, patch: Patch): { update: Update; changedFields: string[] } {
	const content = patch.content === undefined ? undefined : normaliseContent(patch.content);
	const update: Update = {
		...(content && content.storage !== memory.content && { content }),
		...(patch.type !== undefined && patch.type !== memory.type && { type: patch.type }),
		...(patch.tags !== undefined && patch.tags !== memory.tags && { tags: patch.tags }),
		...(patch.importance !== undefined && patch.importance !== memory.importance && { importance: patch.importance }),
		...(patch.pinned !== undefined && patch.pinned !== (memory.pinned === 1) && { pinned: patch.pinned }),
		...(patch.project !== undefined && patch.project !== memory.project && { project: patch.project }),
	};
	return { update, changedFields: Object.keys(update) };
}

/** Two memories must not say the same, and what was forgotten must not come back by an edit that nobody asked for. */
async function refuseContent(
	writer: Writer,
	memory: MemoryRow,
	content: NormalisedContent,
	actor: Actor,
): Promise<Refusal | undefined> {
	if (content.hash === memory.content_hash) return undefined;
	const twin = await findActiveByHash(writer, content.hash);
	if (twin) return refuseTwin(writer, memory, twin, actor.scope);
	if (await isAbsentText(writer, "erased", content)) return refuse(memory, "forgotten_content");
	if (isAutonomous(actor) && (await findForgottenByHash(writer, content.hash, actor.scope))) {
		return refuse(memory, "forgotten_content");
	}
	return undefined;
}
