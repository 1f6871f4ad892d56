import { formatTags, parseTags, splitTags } from "@signet/core";

/**
 * A column of tags with those of another one that it lacks, in its own notation: a list as JSON stays one. Undefined when
 * it lacks none.
 */
export function joinTags(known: string | null, more: string | null): string | undefined {
	const tags = parseTags(known);
	const isJson = tags.length > 0 && known?.trimStart().startsWith("[") && known.trimEnd().endsWith("]");
	// In a list with commas a tag that has one is two.
	const given = isJson ? parseTags(more) : splitTags(parseTags(more).join(","));
	const joined = [...new Set([...tags, ...given])];
	if (joined.length === new Set(tags).size) return undefined;
	return isJson ? JSON.stringify(joined) : (formatTags(joined) ?? undefined);
}
