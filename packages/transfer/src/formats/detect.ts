import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { basicMemory, isBasicMemory } from "./basic-memory.ts";
import { bundle, MANIFEST } from "./bundle.ts";
import { claudeMem } from "./claude-mem.ts";
import type { Source } from "./found.ts";
import { type JsonShape, jsonParts } from "./json-parts.ts";
import { jsonl } from "./jsonl.ts";
import { objectsOf } from "./lines.ts";
import { markdown } from "./markdown.ts";
import { markdownFiles } from "./markdown-files.ts";
import { mcpMemory } from "./mcp-memory.ts";
import { BACKUP, isList, mem0 } from "./mem0.ts";
import { isMessageList, isOfMessages, messages } from "./messages.ts";
import { unpack } from "./unpack.ts";

/** What can be imported, by the name of the format. */
export const FORMATS = {
	signet: bundle,
	"mcp-memory": mcpMemory,
	mem0,
	"claude-mem": claudeMem,
	"basic-memory": basicMemory,
	markdown,
	messages,
	jsonl,
} as const satisfies Record<string, (path: string) => Source | Promise<Source>>;

export type FormatName = keyof typeof FORMATS;

export function isFormat(name: string): name is FormatName {
	return Object.hasOwn(FORMATS, name);
}

/** Something to import that was opened; `close` removes what had to be unpacked for it. */
export interface OpenSource extends Source {
	close(): void;
}

/**
 * Open a file or folder, or what a zip or gzip file holds, in the format that is named or seen. Throws when it cannot be
 * read or is of no format.
 */
export async function openSource(path: string, format?: FormatName): Promise<OpenSource> {
	if (!existsSync(path)) throw new Error(`There is no file or folder ${path}`);
	const unpacked = await unpack(path);
	const place = unpacked?.path ?? path;
	try {
		const source = await FORMATS[format ?? (await detectFormat(place))](place);
		return { ...source, read: () => source.read(), close: () => unpacked?.remove() };
	} catch (error) {
		unpacked?.remove();
		throw error;
	}
}

/** How many notes of a folder are looked at. */
const LOOKED_AT = 20;

/** Which format a file or folder has, by what is in it. Throws when it is none that is known. */
export async function detectFormat(path: string): Promise<FormatName> {
	if (!existsSync(path)) throw new Error(`There is no file or folder ${path}`);
	if (statSync(path).isDirectory()) {
		if (existsSync(join(path, MANIFEST))) return "signet";
		if (existsSync(join(path, BACKUP))) return "mem0";
		return (await hasBasicMemory(path)) ? "basic-memory" : "markdown";
	}
	if (startOf(path).startsWith("SQLite format 3")) return "claude-mem";
	switch (extname(path).toLowerCase()) {
		case ".md":
		case ".markdown":
			return (await hasBasicMemory(path)) ? "basic-memory" : "markdown";
		case ".json":
			return formatOfJson(path);
		case ".jsonl":
		case ".ndjson":
			return formatOfLines(path);
		default:
			throw new Error(
				`What ${path} is cannot be seen from it; say so with --from (${Object.keys(FORMATS).join(", ")})`,
			);
	}
}

async function hasBasicMemory(path: string): Promise<boolean> {
	let looked = 0;
	for await (const file of markdownFiles(path)) {
		if ("text" in file && isBasicMemory(file.text)) return true;
		if (++looked === LOOKED_AT) break;
	}
	return false;
}

async function formatOfJson(path: string): Promise<FormatName> {
	const shape: JsonShape = { outermost: undefined, hasMore: false };
	const progress = { done: 0, total: 0 };
	try {
		const isWanted = (name: string) => isList(name) || isMessageList(name);
		for await (const { name, item, ...part } of jsonParts(path, { isList: isWanted, progress, shape })) {
			// A list has begun; the rest of the file need not be read.
			if (item !== undefined) {
				const isConversation = isMessageList(name) || ("value" in part && name === "" && isOfMessages(part.value));
				return isConversation ? "messages" : "mem0";
			}
			if (name === MANIFEST) return "signet";
			if (name === "type" && "value" in part && (part.value === "entity" || part.value === "relation"))
				return "mcp-memory";
		}
	} catch {
		// What is wrong with it is for the reader to say.
	}
	// Some programs write one object a line and call it JSON.
	return shape.hasMore ? formatOfLines(path) : "mem0";
}

async function formatOfLines(path: string): Promise<FormatName> {
	for await (const found of objectsOf(path, { done: 0, total: 0 })) {
		if ("why" in found) continue;
		const { type, observations, relationType } = found.object;
		const isGraph =
			(type === "entity" && observations !== undefined) || (type === "relation" && relationType !== undefined);
		if (isGraph) return "mcp-memory";
		return Array.isArray(found.object.messages) ? "messages" : "jsonl";
	}
	return "jsonl";
}

function startOf(path: string): string {
	const start = Buffer.alloc(16);
	const file = openSync(path, "r");
	try {
		readSync(file, start, 0, start.length, 0);
	} finally {
		closeSync(file);
	}
	return start.toString("latin1");
}
