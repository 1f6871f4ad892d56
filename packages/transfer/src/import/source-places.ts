import { EVERYTHING, sha256Hex } from "@signet/core";
import { countSourceRow, findActiveBySource, hasSaid, holdSource, type MemoryRow, type Writer } from "@signet/db";
import type { Draft } from "@signet/memory";

/**
 * A source says in one import as many things as it has rows there: the second row of `notes` is `notes#2`, and so on. Told
 * apart by their places, they are found again by the next import of it, where each replaces what stood in its place. The
 * `draft` comes back with the name of its place.
 */
export async function placeInSource(writer: Writer, importId: string, draft: Draft): Promise<Draft> {
	const { sourceType, sourceId } = draft;
	if (sourceId === null) return draft;
	for (let name = sourceId; ; ) {
		const rows = await countSourceRow(writer, importId, hashOf(importId, sourceType, name));
		if (rows === 1 && !(await isSomebodys(writer, { ...draft, sourceId: name }, sourceId))) {
			return { ...draft, sourceId: name };
		}
		// A source may by its own name be called so.
		name = rows === 1 ? `${name}#2` : `${name}#${rows}`;
	}
}

/**
 * Whether what stands in a place was pinned, or changed by somebody, and never said this: rows may have moved, so of a
 * source with several places none takes its place.
 */
async function isSomebodys(writer: Writer, { sourceType, sourceId, content }: Draft, source: string): Promise<boolean> {
	if (sourceId === null) return false;
	const known = await findActiveBySource(writer, sourceType, sourceId, EVERYTHING);
	if (!known || known.content_hash === content.hash) return false;
	if (known.pinned !== 1 && known.updated_by === known.who) return false;
	const hasMore =
		sourceId !== source || (await findActiveBySource(writer, sourceType, `${source}#2`, EVERYTHING)) !== undefined;
	return hasMore && !(await hasSaid(writer, known.id, content.storage));
}

/**
 * A memory stands for a row of an import, whatever its source is: what that source says later in the same import must not
 * take its place.
 */
export async function holdPlace(writer: Writer, importId: string, memory: MemoryRow): Promise<void> {
	const { source_type, source_id } = memory;
	if (source_type !== null && source_id !== null) {
		await holdSource(writer, importId, hashOf(importId, source_type, source_id));
	}
}

/** A name may say what a memory says, and that must be nowhere else. */
function hashOf(importId: string, sourceType: string, sourceId: string): string {
	return sha256Hex(JSON.stringify([importId, sourceType, sourceId]));
}
