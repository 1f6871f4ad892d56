import { parseTime } from "@signet/core";
import type { MemoryRow } from "@signet/db";

/** How long a forgotten memory can be brought back. */
export const RETENTION_DAYS = 30;
export const RETENTION_MS = RETENTION_DAYS * 86_400_000;

/** Whether a forgotten memory can still be brought back. `nowMs` is the time since the epoch. */
export function isRecoverable({ deleted_at }: Pick<MemoryRow, "deleted_at">, nowMs: number): boolean {
	const deletedMs = deleted_at === null ? undefined : parseTime(deleted_at);
	return deletedMs !== undefined && nowMs - deletedMs <= RETENTION_MS;
}
