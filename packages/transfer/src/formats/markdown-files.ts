import { promises as fs } from "node:fs";
import { join, relative } from "node:path";
import type { Found } from "./found.ts";

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 16;
const NOT_FOLDERS = new Set(["node_modules"]);

/** A Markdown file that was read. */
export interface MarkdownFile {
	/** From the folder that was named, or the file's name. */
	readonly name: string;
	readonly text: string;
}

/** The Markdown files below a folder in the order of their names, or the one that was named. Links are not followed. */
export async function* markdownFiles(path: string): AsyncGenerator<MarkdownFile | Extract<Found, { why: string }>> {
	const stat = await fs.stat(path);
	if (!stat.isDirectory()) {
		yield await readMarkdown(path, relative(join(path, ".."), path));
		return;
	}
	for (const name of await namesIn(path, "", 0)) yield await readMarkdown(join(path, name), name);
}

async function readMarkdown(path: string, name: string): Promise<MarkdownFile | Extract<Found, { why: string }>> {
	try {
		const { size } = await fs.stat(path);
		if (size > MAX_FILE_BYTES)
			return { key: name, why: `the file has ${size} bytes; at most ${MAX_FILE_BYTES} are read` };
		const text = new TextDecoder("utf-8", { fatal: true }).decode(await fs.readFile(path));
		return { name, text: text.replaceAll("\r\n", "\n") };
	} catch (error) {
		return { key: name, why: error instanceof TypeError ? "the file is no UTF-8 text" : "the file cannot be read" };
	}
}

async function namesIn(root: string, folder: string, depth: number): Promise<string[]> {
	const entries = await fs.readdir(join(root, folder), { withFileTypes: true });
	const names: string[] = [];
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const name = join(folder, entry.name);
		if (entry.name.startsWith(".") || NOT_FOLDERS.has(entry.name)) continue;
		if (entry.isDirectory() && depth < MAX_DEPTH) names.push(...(await namesIn(root, name, depth + 1)));
		else if (entry.isFile() && /\.(md|markdown)$/i.test(entry.name)) names.push(name);
	}
	return names;
}
