/** The short notation people type in front of a memory: `critical: [tag, other tag]: the text`. */
export interface PrefixedContent {
	readonly content: string;
	readonly critical: boolean;
	/** Lower case, joined by commas without blanks; may be empty (`[,]: x`). Null when there are no brackets. */
	readonly tags: string | null;
}

const CRITICAL = "critical:";
const TAGS = /^\[([^\]]+)\]:\s*(.+)$/su;

/**
 * Take the notation off a text. `critical:` comes before the brackets; the other way round it is part of the text.
 * Brackets with nothing after them are the text.
 */
export function parsePrefixes(text: string): PrefixedContent {
	const trimmed = text.trim();
	const critical = trimmed.slice(0, CRITICAL.length).toLowerCase() === CRITICAL;
	const rest = critical ? trimmed.slice(CRITICAL.length).trim() : trimmed;
	const match = TAGS.exec(rest);
	if (!match) return { content: rest, critical, tags: null };
	const [, brackets = "", content = ""] = match;
	const tags = brackets
		.split(",")
		.map((tag) => tag.trim().toLowerCase())
		.filter((tag) => tag !== "");
	return { content: content.trim(), critical, tags: tags.join(",") };
}
