import { isoTime, type World } from "@signet/core";
import { findMemory, skipJobs, updateMemory, type Writer } from "@signet/db";
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
	versionOf,
} from "./change.ts";
import { demandThawed, type MemoryContext, withCleanReason } from "./context.ts";
import { recordEvent } from "./event.ts";

export interface ForgetRequest extends ChangeRequest {
	/** Forget it even if it is pinned. */
	readonly force: boolean;
	/** The version at which it was chosen among others; what has changed since is left alone. */
	readonly seenVersion?: number | undefined;
}

export type Forgotten = Changed<"deleted"> | Refusal;

/**
 * Forget a memory. It can be brought back for a while; until then nothing finds it. Resolves when that is durable. Throws
 * when memory is frozen by the configuration.
 */
export async function forget(context: MemoryContext, request: ForgetRequest, actor: Actor): Promise<Forgotten> {
	demandThawed(context);
	const clean = await withCleanReason(context, request);
	return context.database.write((writer) => applyForget(writer, context.world, clean, actor));
}

/** Forget a memory within a write. */
export async function applyForget(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	request: ForgetRequest,
	actor: Actor,
): Promise<Forgotten> {
	const { id, reason, force, ifVersion, seenVersion } = request;
	const before = await findMemory(writer, id, actor.scope);
	if (!before) return { id, status: "not_found" };
	if (isForgotten(before)) return refuse(before, "already_deleted");
	if (isOtherVersion(before, { ifVersion: ifVersion ?? seenVersion })) return refuse(before, "version_conflict");
	if (before.pinned === 1 && !force) return refuse(before, "pinned_requires_force");
	if (before.pinned === 1 && isAutonomous(actor)) return refuse(before, "autonomous_force_denied");
	const at = isoTime(world.clock.now());
	await updateMemory(writer, id, { forgottenAt: at, updatedAt: at, updatedBy: actor.changedBy });
	await skipJobs(writer, id, { reason: "memory_forgotten", at });
	const after = await changedRow(writer, id);
	const metadata = { force, ifVersion: ifVersion ?? null };
	await recordEvent(writer, world, { event: "deleted", before, after, actor, reason, metadata });
	return { id, status: "deleted", currentVersion: versionOf(before), newVersion: versionOf(after) };
}
