import type { ImportItem, MemoryRow } from "@signet/db";

/** What an import found where it changed something; undefined where there was nothing. */
export function baseOf(
	before: MemoryRow | undefined,
): Pick<ImportItem, "baseVersion" | "baseUpdatedBy" | "baseDeletedAt"> {
	return {
		baseVersion: before ? (before.version ?? 1) : null,
		baseUpdatedBy: before?.updated_by ?? null,
		baseDeletedAt: before?.is_deleted === 1 ? before.deleted_at : null,
	};
}
