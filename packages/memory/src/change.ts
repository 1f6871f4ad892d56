import { EVERYTHING, type MemoryScope } from "@signet/core";
import { findMemory, isInScope, type MemoryRow, type Writer } from "@signet/db";

/** A change that somebody wants made to one memory. */
export interface ChangeRequest {
	readonly id: string;
	readonly reason: string;
	/** Only if the memory is at this version. */
	readonly ifVersion?: number | undefined;
}

/** Why a change was not made. Nothing was changed then. */
export interface Refusal {
	readonly id: string;
	readonly status:
		| "not_found"
		| "deleted"
		| "already_deleted"
		| "not_deleted"
		| "version_conflict"
		| "duplicate_content_hash"
		| "forgotten_content"
		| "pinned_requires_force"
		| "autonomous_force_denied"
		| "retention_expired";
	/** Of the memory as it is, when there is one. */
	readonly currentVersion?: number;
	/** The memory that has the content already. */
	readonly duplicateMemoryId?: string;
}

/** A change was made. */
export interface Changed<Status extends string> {
	readonly id: string;
	readonly status: Status;
	/** Before and after. */
	readonly currentVersion: number;
	readonly newVersion: number;
}

/** What the reference wrote may have no version. */
export function versionOf({ version }: MemoryRow): number {
	return version ?? 1;
}

export function isForgotten({ is_deleted }: MemoryRow): boolean {
	return is_deleted === 1;
}

/** Programs that act on their own must not touch what a person has pinned. */
export function isAutonomous({ actorType }: { readonly actorType: string }): boolean {
	return actorType === "pipeline";
}

/** The refusal of a change to a memory that is there. */
export function refuse(
	memory: MemoryRow,
	status: Refusal["status"],
	more: Pick<Refusal, "duplicateMemoryId"> = {},
): Refusal {
	return { id: memory.id, status, currentVersion: versionOf(memory), ...more };
}

/** The refusal of a change that would make a memory say what another one says; one out of sight is not named. */
export async function refuseTwin(
	writer: Writer,
	memory: MemoryRow,
	twin: MemoryRow,
	scope: MemoryScope,
): Promise<Refusal> {
	const isSeen = await isInScope(writer, twin.id, scope);
	return refuse(memory, "duplicate_content_hash", isSeen ? { duplicateMemoryId: twin.id } : {});
}

/** Whether a change was wanted for another version. */
export function isOtherVersion(memory: MemoryRow, { ifVersion }: Pick<ChangeRequest, "ifVersion">): boolean {
	return ifVersion !== undefined && ifVersion !== versionOf(memory);
}

/** The row as a change has left it. */
export async function changedRow(writer: Writer, id: string): Promise<MemoryRow> {
	const row = await findMemory(writer, id, EVERYTHING);
	if (!row) throw new Error(`memory ${id} was changed and is not there`);
	return row;
}
