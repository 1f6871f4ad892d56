/**
 * Tags are kept in one text column, as a comma list (`foo,bar`) by most writers and as a JSON array by some. What is
 * read must accept both.
 */

/** The single tags of a stored column. */
export function parseTags(column: string | null): string[] {
	if (column === null || column.trim() === "") return [];
	if (column.trimStart().startsWith("[")) {
		const parsed = parseJsonList(column);
		if (parsed) return parsed.filter((item): item is string => typeof item === "string");
	}
	return splitTags(column);
}

/** The single tags of a comma list, as a person or a query string gives them. */
export function splitTags(list: string): string[] {
	return list
		.split(",")
		.map((tag) => tag.trim())
		.filter((tag) => tag !== "");
}

/** A list of tags as it is stored: trimmed, case kept, joined by commas; null when none is left. */
export function formatTags(tags: readonly string[]): string | null {
	return splitTags(tags.join(",")).join(",") || null;
}

function parseJsonList(text: string): unknown[] | undefined {
	try {
		const parsed: unknown = JSON.parse(text);
		return Array.isArray(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}
