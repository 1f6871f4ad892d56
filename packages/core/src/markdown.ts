/** Cutting a Markdown file into the pieces that are remembered one by one. */

import { chunkBySentence } from "./chunking.ts";

export interface MarkdownChunk {
	/** The heading's line, a blank line and what stands under it; without the first two where there is no heading. */
	readonly text: string;
	/** The heading without its marks; empty where there is none. */
	readonly heading: string;
	/** A whole section, or paragraphs of one that is too long. */
	readonly level: "section" | "paragraph";
}

interface Section {
	/** With its marks. */
	readonly headingLine: string;
	readonly body: string;
}

/** Deeper headings belong to the text. */
const HEADING = /^#{1,3}\s+(.*)$/;
/** What is fenced is code, in which `#` begins a comment. */
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const BLANK_LINES = /\n\s*\n/;
const JOINT = "\n\n";
const JOINT_TOKENS = 2;
const MAX_TOKENS = 512;
const CHARS_PER_TOKEN = 4;
/** What is longer is no paragraph: data, or a text without line breaks. In UTF-16 code units. */
const MAX_PARAGRAPH_CHARS = 32_768;

/**
 * Sections by their headings; one that is too long goes by its paragraphs, each with the heading over it. A single
 * paragraph is not cut unless it has more than 32,768 characters. Sections without text are left out.
 */
export function chunkMarkdown(markdown: string): MarkdownChunk[] {
	const text = markdown.replace(/\r\n?/g, "\n");
	const chunks = sectionsOf(text).flatMap(chunksOf);
	const whole = text.trim();
	return chunks.length === 0 && whole !== "" ? [{ text: whole, heading: "", level: "section" }] : chunks;
}

function sectionsOf(text: string): Section[] {
	const sections: Section[] = [];
	let headingLine = "";
	let lines: string[] = [];
	let fence: string | undefined;
	const end = () => {
		const body = lines.join("\n").trim();
		if (body !== "") sections.push({ headingLine, body });
	};
	for (const line of text.split("\n")) {
		const [, mark, info = ""] = FENCE.exec(line) ?? [];
		if (fence === undefined) fence = mark;
		else if (mark?.startsWith(fence) && info.trim() === "") fence = undefined;
		if (fence === undefined && HEADING.test(line)) {
			end();
			headingLine = line.trim();
			lines = [];
		} else lines.push(line);
	}
	end();
	return sections;
}

function chunksOf({ headingLine, body }: Section): MarkdownChunk[] {
	const heading = HEADING.exec(headingLine)?.[1]?.trim() ?? "";
	const chunk = (level: MarkdownChunk["level"], text: string): MarkdownChunk => ({
		text: headingLine === "" ? text : headingLine + JOINT + text,
		heading,
		level,
	});
	if (tokensOf(body) <= MAX_TOKENS) return [chunk("section", body)];
	return packed(body, tokensOf(headingLine)).map((paragraphs) => chunk("paragraph", paragraphs.join(JOINT)));
}

/** Paragraphs in groups that fit under a heading of that size. */
function packed(body: string, headingTokens: number): string[][] {
	const groups: string[][] = [];
	let group: string[] = [];
	let size = headingTokens;
	const end = () => {
		if (group.length > 0) groups.push(group);
		group = [];
		size = headingTokens;
	};
	for (const paragraph of body.split(BLANK_LINES).flatMap((each) => cutOverlong(each.trim()))) {
		if (paragraph === "") continue;
		const tokens = tokensOf(paragraph);
		if (size + tokens + JOINT_TOKENS > MAX_TOKENS || tokens > MAX_TOKENS) end();
		group.push(paragraph);
		size += tokens + JOINT_TOKENS;
		if (tokens > MAX_TOKENS) end();
	}
	end();
	return groups;
}

function cutOverlong(paragraph: string): string[] {
	if (paragraph.length <= MAX_PARAGRAPH_CHARS) return [paragraph];
	return chunkBySentence(paragraph, MAX_PARAGRAPH_CHARS / 2).map(({ start, end }) => paragraph.slice(start, end));
}

/** As models count, roughly. */
function tokensOf(text: string): number {
	return Math.ceil(text.length / CHARS_PER_TOKEN);
}
