import { cleanDeep, cleanField, cleanFields, normaliseContent, type TextCleaner } from "@signet/core";
import type { PortableRow } from "@signet/db";
import type { TransferRow } from "./row.ts";

/** A row on its way in, without the values of secrets. */
export function cleanTransferRow(row: TransferRow, cleaner: TextCleaner): TransferRow {
	if (row.kind === "text") return { ...row, memory: cleanFields(row.memory, cleaner) };
	return { ...row, row: cleanRow(row.row, cleaner) };
}

/** Columns that name rows. Others that end in `_id`, such as `source_id`, hold whatever somebody put there. */
const REFERENCE = /^(?:id|memory_id|(?:\w+_)?entity_id)$/;

/** A row of one of our tables without the values of secrets. What refers to other rows stays as it is. */
export function cleanRow<T extends PortableRow>(row: T, cleaner: TextCleaner): T {
	let cleaned = row;
	for (const [name, value] of Object.entries(row)) {
		if (typeof value !== "string" || REFERENCE.test(name)) continue;
		const text = name === "metadata" ? cleanJson(value, cleaner) : cleanField(name, value, cleaner);
		if (text !== value) cleaned = { ...cleaned, [name]: text };
	}
	return cleaned === row ? row : withDerived(cleaned);
}

/** What is made from a content goes with it: in small letters a value is not known any more. */
function withDerived<T extends PortableRow>(row: T): T {
	if (typeof row.content !== "string" || row.normalized_content === undefined) return row;
	const { normalised, hash } = normaliseContent(row.content);
	return { ...row, normalized_content: normalised, content_hash: hash };
}

/** What stands in JSON is replaced in its texts, so that it stays JSON whatever a value looks like. */
function cleanJson(text: string, cleaner: TextCleaner): string {
	const { text: cleaned, found } = cleaner.clean(text);
	if (found.length === 0) return text;
	try {
		return JSON.stringify(cleanDeep(JSON.parse(text), cleaner));
	} catch {
		return cleaned;
	}
}
