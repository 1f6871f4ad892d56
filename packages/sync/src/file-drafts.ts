import { chunkMarkdown, formatTags, type MarkdownChunk, sha256Hex, type TextCleaner } from "@signet/core";
import type { MemoryRow } from "@signet/db";
import { type Draft, draftText } from "@signet/memory";
import type { FoundFile } from "./found-files.ts";

/** A piece of a file, ready to be remembered. */
export interface FileDraft {
	readonly sourceId: string;
	readonly draft: Draft;
}

const SECTION_IMPORTANCE = 0.65;
const PARAGRAPH_IMPORTANCE = 0.55;
const HASH_DIGITS = 16;
/** More sections than any note has. */
const MAX_PIECES = 2_000;

/** Notes of a day are named after it. */
const DAY = /^\d{4}-\d{2}-\d{2}/;
/** What a program wrote: a generated digest, or the summary of a session, whose facts are memories already. */
const GENERATED = /^\uFEFF?\s*(<!-- generated |#[^\n]*\bSession Notes\b)/i;

const NOTES_SOURCE = "openclaw-memory-log";
const PROJECT_SOURCE = "claude-project-memory";

/** Whether a memory was made from a file, whichever it was. */
export function isFileSource({ source_type }: Pick<MemoryRow, "source_type">): boolean {
	return source_type === NOTES_SOURCE || source_type === PROJECT_SOURCE;
}

/** What of a source id depends on the text alone, and not on the file. */
export function textHashOf(sourceId: string): string {
	return sourceId.slice(-HASH_DIGITS);
}

/** The pieces of a file, each once; none for a file that a program generated. */
export function draftsOf(file: FoundFile, text: string, cleaner: TextCleaner): FileDraft[] {
	if (file.kind === "notes" && GENERATED.test(text)) return [];
	const drafts = new Map<string, FileDraft>();
	for (const chunk of chunkMarkdown(text).slice(0, MAX_PIECES)) {
		const hash = sha256Hex(chunk.text).slice(0, HASH_DIGITS);
		const identity = file.kind === "notes" ? notes(file, chunk, hash) : project(file, chunk, hash);
		const { sourceId } = identity;
		const importance = chunk.level === "section" ? SECTION_IMPORTANCE : PARAGRAPH_IMPORTANCE;
		const request = { content: chunk.text, importance, why: null, ...identity };
		drafts.set(sourceId, { sourceId, draft: draftText(request, cleaner) });
	}
	return [...drafts.values()];
}

function notes({ name }: FoundFile, { level }: MarkdownChunk, hash: string) {
	return {
		who: "openclaw-memory",
		sourceType: NOTES_SOURCE,
		sourceId: `openclaw:${name}:${hash}`,
		tags: formatTags(["openclaw", "memory-log", DAY.exec(name)?.[0] ?? "named", tag(name), `hierarchical-${level}`]),
	};
}

function project({ name }: FoundFile, { heading, level }: MarkdownChunk, hash: string) {
	return {
		who: "claude-code",
		sourceType: PROJECT_SOURCE,
		sourceId: `claude:${name}:${hash}`,
		tags: formatTags([
			"claude-code",
			"claude-project-memory",
			tag(heading.toLowerCase()),
			`project:${tag(name)}`,
			`hierarchical-${level}`,
		]),
	};
}

/** One tag, whatever it is made of. */
function tag(text: string): string {
	return text.replace(/\s*,\s*/g, " ");
}
