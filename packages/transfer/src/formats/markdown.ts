import { chunkMarkdown, sha256Hex } from "@signet/core";
import { type Found, type Source, tagsOf, textOf, textRow, timeOf } from "./found.ts";
import { splitFrontMatter } from "./front-matter.ts";
import { type MarkdownFile, markdownFiles } from "./markdown-files.ts";

/** Markdown files such as `CLAUDE.md` and `AGENTS.md`, one memory a section. */
export function markdown(path: string): Source {
	return {
		format: "markdown",
		progress: { done: 0, total: 0 },
		async *read() {
			for await (const file of markdownFiles(path)) {
				if ("why" in file) yield file;
				else yield* sectionsOf(file);
			}
		},
	};
}

/** The sections of a file, found again by what they say. */
export function* sectionsOf({ name, text: whole }: MarkdownFile): Iterable<Found> {
	const { data, text } = splitFrontMatter(whole);
	const chunks = chunkMarkdown(text);
	if (chunks.length === 0) yield { key: name, why: "the file has no text" };
	for (const [at, chunk] of chunks.entries()) {
		yield textRow(`${name}, section ${at + 1}`, {
			content: chunk.text,
			tags: tagsOf([textOf(data.title) ?? name.replace(/\.\w+$/, ""), ...(tagsOf(data.tags)?.split(",") ?? [])]),
			who: "import",
			sourceType: "markdown",
			sourceId: `${name}:${sha256Hex(chunk.text).slice(0, 16)}`,
			createdAt: timeOf(firstTime(data)),
		});
	}
}

function firstTime(data: Readonly<Record<string, unknown>>): unknown {
	const given = data.created ?? data.created_at ?? data.date;
	return given instanceof Date ? given.toISOString() : given;
}
