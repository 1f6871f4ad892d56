import { isoTime, normaliseContent, type World } from "@signet/core";
import { enqueueJob, findActiveByHash, findMemory, updateMemory, type Writer } from "@signet/db";
import { isAbsentText } from "./absence.ts";
import type { Actor } from "./actor.ts";
import {
	type Changed,
	type ChangeRequest,
	changedRow,
	isForgotten,
	isOtherVersion,
	type Refusal,
	refuse,
	refuseTwin,
	versionOf,
} from "./change.ts";
import { awaitVector, demandThawed, type MemoryContext, withCleanReason } from "./context.ts";
import { recordEvent } from "./event.ts";
import { isRecoverable, RETENTION_DAYS, RETENTION_MS } from "./retention.ts";

export type Recovered = (Changed<"recovered"> & { readonly retentionDays: number }) | Refusal;

/**
 * Bring a forgotten memory back. Resolves when that is durable; it is found again from then on. Throws when memory is
 * frozen by the configuration.
 */
export async function recover(context: MemoryContext, request: ChangeRequest, actor: Actor): Promise<Recovered> {
	demandThawed(context);
	const clean = await withCleanReason(context, request);
	const recovered = await context.database.write((writer) => applyRecover(writer, context.world, clean, actor));
	if (recovered.status !== "recovered") return recovered;
	await context.documents.complete(recovered.id);
	// By its meaning too, unless the model takes long.
	await awaitVector(context, recovered.id);
	return recovered;
}

async function applyRecover(
	writer: Writer,
	world: Pick<World, "clock" | "random">,
	request: ChangeRequest,
	actor: Actor,
): Promise<Recovered> {
	const { id, reason, ifVersion } = request;
	const before = await findMemory(writer, id, actor.scope);
	if (!before) return { id, status: "not_found" };
	if (!isForgotten(before)) return refuse(before, "not_deleted");
	if (isOtherVersion(before, request)) return refuse(before, "version_conflict");
	const now = world.clock.now();
	if (!isRecoverable(before, now)) return refuse(before, "retention_expired");
	// What said the same was erased for good meanwhile, and this came with a file or a bundle.
	if (await isAbsentText(writer, "erased", normaliseContent(before.content)))
		return refuse(before, "forgotten_content");
	const twin = before.content_hash === null ? undefined : await findActiveByHash(writer, before.content_hash);
	if (twin) return refuseTwin(writer, before, twin, actor.scope);
	const at = isoTime(now);
	await updateMemory(writer, id, { forgottenAt: null, updatedAt: at, updatedBy: actor.changedBy });
	const after = await changedRow(writer, id);
	const metadata = { ifVersion: ifVersion ?? null, retentionWindowMs: RETENTION_MS };
	await recordEvent(writer, world, { event: "recovered", before, after, actor, reason, metadata });
	// Its extraction was called off when it was forgotten.
	if (after.extraction_status === "pending") {
		await enqueueJob(writer, { id: world.random.uuid(), memoryId: id, type: "extract", createdAt: at });
	}
	return {
		id,
		status: "recovered",
		currentVersion: versionOf(before),
		newVersion: versionOf(after),
		retentionDays: RETENTION_DAYS,
	};
}
