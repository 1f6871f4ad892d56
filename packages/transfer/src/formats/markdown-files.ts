import { promises as fs } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConfinedFolder, FileName, RefusedFile } from "@signet/core/files";
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
	const file = resolve(path);
	if (!(await fs.stat(file)).isDirectory()) {
		yield readMarkdown(ConfinedFolder.at(dirname(file), { isAnybodys: true }), [basename(file)]);
		return;
	}
	const folder = ConfinedFolder.at(file, { isAnybodys: true });
	for (const names of await namesIn(folder.path, [])) yield readMarkdown(folder, names);
}

function readMarkdown(
	folder: ConfinedFolder,
	names: readonly string[],
): MarkdownFile | Extract<Found, { why: string }> {
	const name = join(...names);
	try {
		const bytes = folder.read(FileName.found(...names), { maxBytes: MAX_FILE_BYTES });
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		return { name, text: text.replaceAll("\r\n", "\n") };
	} catch (error) {
		if (error instanceof RefusedFile) return { key: name, why: error.message };
		return { key: name, why: error instanceof TypeError ? "the file is no UTF-8 text" : "the file cannot be read" };
	}
}

async function namesIn(root: string, folders: readonly string[]): Promise<string[][]> {
	const entries = await fs.readdir(join(root, ...folders), { withFileTypes: true });
	const found: string[][] = [];
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const names = [...folders, entry.name];
		if (entry.name.startsWith(".") || NOT_FOLDERS.has(entry.name)) continue;
		if (entry.isDirectory() && folders.length < MAX_DEPTH) found.push(...(await namesIn(root, names)));
		else if (entry.isFile() && /\.(md|markdown)$/i.test(entry.name)) found.push(names);
	}
	return found;
}
