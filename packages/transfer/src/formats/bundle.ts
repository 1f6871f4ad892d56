import { readdirSync, statSync } from "node:fs";
import { messageOf, sha256Hex } from "@signet/core";
import { ConfinedFolder, FileName, RefusedFile } from "@signet/core/files";
import type { PortableRow } from "@signet/db";
import { CARRIED, type Carried } from "../row.ts";
import { type Found, isObject, type JsonObject, type Source, textOf } from "./found.ts";
import { readJson } from "./json-file.ts";
import { objectsOf, piecesOf } from "./lines.ts";

/** What is in which file of a bundle. */
export const BUNDLE_FILES = {
	memory: "memories.jsonl",
	event: "history.jsonl",
	entity: "entities.jsonl",
	relation: "relations.jsonl",
	mention: "mentions.jsonl",
} as const satisfies Record<Carried, string>;

/**
 * Forgotten memories stand apart: the reference, which takes every row of `memories.jsonl` for one that is there, would
 * bring them back.
 */
export const FORGOTTEN_FILE = "forgotten.jsonl";

/** The files that say who an agent is, as far as they are there; in a bundle below `identity/`. */
export const IDENTITY_FILES = ["AGENTS", "SOUL", "IDENTITY", "USER", "MEMORY", "HEARTBEAT", "TOOLS"].map(
	(name) => `${name}.md`,
);

export const MANIFEST = "manifest.json";
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
export const BUNDLE_VERSION = "1.0";

/**
 * A bundle of ours or of the reference: a folder, or the same files as members of one JSON object. Throws when it is of a
 * later version, or when a file is not what its checksum says.
 */
export async function bundle(path: string): Promise<Source> {
	const progress = { done: 0, total: 0 };
	const content = statSync(path).isDirectory()
		? contentOfFolder(path, progress)
		: contentOfObject(await membersOf(path));
	const manifest = parse(content.text(MANIFEST));
	if (!manifest) throw new Error(`${path} is no bundle: its ${MANIFEST} cannot be read`);
	const version = textOf(manifest.version) ?? BUNDLE_VERSION;
	if (!/^1\./.test(version)) {
		throw new Error(`${path} is a bundle of version ${version}; this program reads version 1. Install a newer one.`);
	}
	for (const [name, expected] of Object.entries(isObject(manifest.checksums) ? manifest.checksums : {})) {
		if ((await content.digest(name)) === expected) continue;
		throw new Error(`${name} in ${path} was changed, damaged or removed: it is not what its checksum says`);
	}
	return {
		format: "signet",
		progress,
		// Only names of the list: what else a bundle has is nobody's business here.
		identity: () =>
			IDENTITY_FILES.flatMap((name) => {
				const text = content.text(`identity/${name}`);
				return text === undefined ? [] : [{ name, text }];
			}),
		leftOut: () => {
			const known = new Set<string>([MANIFEST, "identity", FORGOTTEN_FILE, ...Object.values(BUNDLE_FILES)]);
			const names = content.names().map((name) => name.split("/", 1)[0] ?? name);
			return [...new Set(names)].filter((name) => !known.has(name)).sort();
		},
		async *read() {
			for (const [kind, name] of FILES_IN_ORDER) {
				for await (const found of content.objects(name)) {
					const key = `${name}, ${found.key}`;
					yield "why" in found ? { key, why: found.why } : rowOf(kind, key, found.object);
				}
			}
		},
	};
}

type Objects = AsyncIterable<{ key: string; object: JsonObject } | { key: string; why: string }>;

/** What is in a bundle, by names that stand in it: nobody knows who wrote them. */
interface Content {
	names(): readonly string[];
	/** Undefined for what is not there. */
	text(name: string): string | undefined;
	/** SHA-256, lower-case hex, of a file that may be large. */
	digest(name: string): Promise<string | undefined>;
	/** One in each line; none where there is no such file. */
	objects(name: string): Objects;
}

function contentOfObject(members: Readonly<Record<string, string>>): Content {
	return {
		names: () => Object.keys(members),
		text: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
		digest: async (name) => sha256Hex(Object.hasOwn(members, name) ? (members[name] ?? "") : ""),
		objects: (name) => objectsIn(members[name] ?? ""),
	};
}

function contentOfFolder(path: string, progress: Source["progress"]): Content {
	const folder = ConfinedFolder.at(path, { isAnybodys: true });
	return {
		names: () => readdirSync(folder.path),
		text: (name) => folder.readIfThere(FileName.given(name), { maxBytes: MAX_TEXT_BYTES })?.toString(),
		async digest(name) {
			const file = openIfThere(folder, name);
			return file === undefined ? undefined : digestOf(piecesOf(file));
		},
		async *objects(name) {
			const file = openIfThere(folder, name);
			if (file !== undefined) yield* objectsOf(file, progress);
		},
	};
}

function openIfThere(folder: ConfinedFolder, name: string): number | undefined {
	try {
		return folder.open(FileName.given(name));
	} catch (error) {
		if (error instanceof RefusedFile && error.refusal === "file_not_found") return undefined;
		throw new Error(`${folder.path}: ${messageOf(error)}`);
	}
}

const FILES_IN_ORDER: readonly (readonly [Carried, string])[] = CARRIED.flatMap((kind) => {
	const names = kind === "memory" ? [BUNDLE_FILES.memory, FORGOTTEN_FILE] : [BUNDLE_FILES[kind]];
	return names.map((name) => [kind, name] as const);
});

function rowOf(kind: Carried, key: string, object: JsonObject): Found {
	const row = Object.fromEntries(
		Object.entries(object).map(([name, value]) => [name, typeof value === "boolean" ? Number(value) : value]),
	);
	return isPortable(row) ? { kind, key, row } : { key, why: "a member is neither text nor number" };
}

/** What a column holds is a text, a number or nothing. */
function isPortable(row: JsonObject): row is PortableRow {
	return Object.values(row).every((value) => value === null || typeof value === "string" || typeof value === "number");
}

async function* objectsIn(text: string): Objects {
	for (const [at, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const object = parse(line);
		const key = `line ${at + 1}`;
		yield object ? { key, object } : { key, why: "the line is no JSON object" };
	}
}

async function membersOf(path: string): Promise<Readonly<Record<string, string>>> {
	const json = await readJson(path);
	if (!isObject(json)) throw new Error(`${path} is no bundle`);
	return Object.fromEntries(
		Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
	);
}

/** SHA-256, lower-case hex. */
async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
	const hasher = new Bun.CryptoHasher("sha256");
	for await (const bytes of pieces) hasher.update(bytes);
	return hasher.digest("hex");
}

function parse(text: string | undefined): JsonObject | undefined {
	try {
		const json: unknown = JSON.parse(text ?? "");
		return isObject(json) ? json : undefined;
	} catch {
		return undefined;
	}
}
