import { isoTime, type World } from "@signet/core";
import { findMemory, skipJobs, updateMemory, type Writer } from "@signet/db";
import type { Actor } from "./actor.ts";
import { changedRow, isForgotten, refuse, versionOf } from "./change.ts";
import { recordEvent } from "./event.ts";
import type { Forgotten } from "./forget.ts";
import { changesIn } from "./modify.ts";
import { type RestoreRequest, stateAt } from "./restore.ts";

export interface ForgetAgainRequest extends RestoreRequest {
	/** When it was forgotten at first, ISO-8601 UTC; now, where that is not known. */
	readonly forgottenAt: string | null;
	/** Who had forgotten it. */
	readonly updatedBy: string;
}

/**
 * Forget a memory that had come back, as it was before it did: what it said, since when, and by whom. Throws when its
 * history does not reach back so far. Belongs inside a write.
 */
export async function applyForgetAgain(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	{ id, reason, version, forgottenAt, updatedBy }: ForgetAgainRequest,
	actor: Actor,
): Promise<Forgotten> {
	const before = await findMemory(writer, id, actor.scope);
	if (!before) return { id, status: "not_found" };
	if (isForgotten(before)) return refuse(before, "already_deleted");
	const { patch } = await stateAt(writer, before, version);
	const at = isoTime(world.clock.now());
	await updateMemory(writer, id, {
		...changesIn(before, patch).update,
		forgottenAt: forgottenAt ?? at,
		updatedAt: at,
		updatedBy,
	});
	await skipJobs(writer, id, { reason: "memory_forgotten", at });
	const after = await changedRow(writer, id);
	const metadata = { force: true, ifVersion: null, restoredVersion: version };
	await recordEvent(writer, world, { event: "deleted", before, after, actor, reason, metadata });
	return { id, status: "deleted", currentVersion: versionOf(before), newVersion: versionOf(after) };
}
