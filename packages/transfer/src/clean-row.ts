import { cleanDeep, cleanFields, type TextCleaner } from "@signet/core";
import type { PortableRow } from "@signet/db";
import type { TransferRow } from "./row.ts";

/** A row on its way in, without the values of secrets. */
export function cleanTransferRow(row: TransferRow, cleaner: TextCleaner): TransferRow {
	if (row.kind === "text") return { ...row, memory: cleanFields(row.memory, cleaner) };
	return { ...row, row: cleanRow(row.row, cleaner) };
}

/** A row of one of our tables without the values of secrets. What refers to other rows stays as it is. */
export function cleanRow<T extends PortableRow>(row: T, cleaner: TextCleaner): T {
	let cleaned = row;
	for (const [name, value] of Object.entries(row)) {
		if (typeof value !== "string" || /(?:^|_)id$/.test(name)) continue;
		const text = name === "metadata" ? cleanJson(value, cleaner) : cleaner.clean(value).text;
		if (text !== value) cleaned = { ...cleaned, [name]: text };
	}
	return cleaned;
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
