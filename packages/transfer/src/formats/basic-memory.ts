import { sha256Hex } from "@signet/core";
import { type Found, type JsonObject, type Source, tagsOf, textOf, textRow } from "./found.ts";
import { splitFrontMatter } from "./front-matter.ts";
import { sectionsOf } from "./markdown.ts";
import { type MarkdownFile, markdownFiles } from "./markdown-files.ts";

const SOURCE = "basic-memory";

/** `- [category] what was observed #tag (context)` */
const OBSERVATION = /^\s*[-*]\s+\[([^\]\n]{1,60})\]\s+(.+)$/;
/** `- relates to [[Another note]]` */
const RELATION = /^\s*[-*]\s+([^[\]\n]{1,80}?)\s+\[\[([^\]\n]+)\]\](.*)$/;
const TAG = /(?:^|\s)#([\p{L}\p{N}_/-]+)/gu;

/** What basic-memory calls a kind of observation, by what it is here. */
const TYPES: Readonly<Record<string, string>> = {
	decision: "decision",
	preference: "preference",
	rule: "rule",
	tip: "learning",
};

/** A folder of basic-memory: its observations and relations one by one, and what else a note says by its sections. */
export function basicMemory(path: string): Source {
	return {
		format: "basic-memory",
		progress: { done: 0, total: 0 },
		async *read() {
			for await (const file of markdownFiles(path)) {
				if ("why" in file) yield file;
				else yield* rowsOf(file);
			}
		},
	};
}

/** Whether a note looks like one of basic-memory. */
export function isBasicMemory(text: string): boolean {
	const { data, text: body } = splitFrontMatter(text);
	return textOf(data.permalink) !== undefined || body.split("\n").some((line) => OBSERVATION.test(line));
}

function* rowsOf({ name, text: whole }: MarkdownFile): Iterable<Found> {
	const { data, text } = splitFrontMatter(whole);
	const title = textOf(data.title) ?? name.replace(/\.\w+$/, "");
	const note = { name, title, data };
	const prose: string[] = [];
	for (const [at, line] of text.split("\n").entries()) {
		const key = `${name}, line ${at + 1}`;
		const row = lineRow(key, line, note);
		if (row) yield row;
		else prose.push(line);
	}
	const rest = prose.join("\n").replace(/^#{1,3} (Observations|Relations)\s*$/gim, "");
	if (/[\p{L}\p{N}]/u.test(rest.replace(/^#.*$/gm, ""))) yield* sectionsOf({ name, text: frontMatterOf(whole) + rest });
}

function lineRow(
	key: string,
	line: string,
	note: { name: string; title: string; data: JsonObject },
): Found | undefined {
	const { name, title, data } = note;
	const common = { who: "import", sourceType: SOURCE, sourceId: `${name}:${sha256Hex(line.trim()).slice(0, 16)}` };
	const noteTags = tagsOf(data.tags);
	const observed = OBSERVATION.exec(line);
	if (observed) {
		const [, category = "", text = ""] = observed;
		// A box that was ticked off is no category.
		if (/^[ x]$/i.test(category)) return undefined;
		const tags = [...text.matchAll(TAG)].map(([, tag]) => tag);
		return textRow(key, {
			...common,
			content: `${title}: ${text.replace(TAG, "").trim()}`,
			type: TYPES[category.toLowerCase()],
			tags: tagsOf([category, ...tags, ...(noteTags?.split(",") ?? [])]),
		});
	}
	const related = RELATION.exec(line);
	if (!related) return undefined;
	const [, relation = "", target = "", more = ""] = related;
	return textRow(key, {
		...common,
		content: `${title} ${relation.replaceAll("_", " ")} ${target}${more}`,
		tags: noteTags,
	});
}

function frontMatterOf(whole: string): string {
	return whole.slice(0, whole.length - splitFrontMatter(whole).text.length);
}
