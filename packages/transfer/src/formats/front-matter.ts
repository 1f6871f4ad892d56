import { parseConfigDocument } from "@signet/core";
import type { JsonObject } from "./found.ts";

const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\r?\n?/;

/** The data at the head of a Markdown file, and the text after it. */
export function splitFrontMatter(markdown: string): { readonly data: JsonObject; readonly text: string } {
	const match = FRONT_MATTER.exec(markdown);
	if (!match) return { data: {}, text: markdown };
	return { data: parseConfigDocument(match[1] ?? "").section, text: markdown.slice(match[0].length) };
}
