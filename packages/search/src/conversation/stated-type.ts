import { inferType } from "@signet/core";
import type { ChangedMemory } from "@signet/db";
import { Mark } from "./marks.ts";

/** What the types say that clients give to what holds for all work to come. */
const MARKS: ReadonlyMap<string | null, number> = new Map([
	["rule", Mark.RULE],
	["instruction", Mark.RULE],
	["preference", Mark.PREFERENCE],
]);

/**
 * The mark of a memory that was stored as a rule or a preference, however it is worded; 0 for others. A turn of a
 * conversation gets its type by a guess from single words (`want`, `never`), which says less than its wording does.
 */
export function statedMark({ type, content, role, position }: ChangedMemory): number {
	const mark = MARKS.get(type) ?? 0;
	const isTurn = role !== null || position !== null;
	return mark !== 0 && isTurn && inferType(content ?? "") === type ? 0 : mark;
}
