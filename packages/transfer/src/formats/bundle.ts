import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "@signet/core";
import type { PortableRow } from "@signet/db";
import { CARRIED, type Carried } from "../row.ts";
import { type Found, isObject, type JsonObject, type Source, textOf } from "./found.ts";
import { readJson } from "./json-file.ts";
import { objectsOf } from "./lines.ts";

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
export const BUNDLE_VERSION = "1.0";

/**
 * A bundle of ours or of the reference: a folder, or the same files as members of one JSON object. Throws when it is of a
 * later version, or when a file is not what its checksum says.
 */
export async function bundle(path: string): Promise<Source> {
	const progress = { done: 0, total: 0 };
	const members = statSync(path).isDirectory() ? undefined : await membersOf(path);
	const manifest = members ? parse(members[MANIFEST]) : parse(readFileSync(join(path, MANIFEST), "utf8"));
	if (!manifest) throw new Error(`${path} is no bundle: its ${MANIFEST} cannot be read`);
	const version = textOf(manifest.version) ?? BUNDLE_VERSION;
	if (!/^1\./.test(version)) {
		throw new Error(`${path} is a bundle of version ${version}; this program reads version 1. Install a newer one.`);
	}
	for (const [name, expected] of Object.entries(isObject(manifest.checksums) ? manifest.checksums : {})) {
		const digest = members ? sha256Hex(members[name] ?? "") : await digestOf(path, name);
		if (digest === expected) continue;
		throw new Error(`${name} in ${path} was changed, damaged or removed: it is not what its checksum says`);
	}
	const textOfMember = (name: string) => {
		if (members) return members[name];
		return existsSync(join(path, name)) ? readFileSync(join(path, name), "utf8") : undefined;
	};
	return {
		format: "signet",
		progress,
		// Only names of the list: what else a bundle has is nobody's business here.
		identity: () =>
			IDENTITY_FILES.flatMap((name) => {
				const text = textOfMember(`identity/${name}`);
				return text === undefined ? [] : [{ name, text }];
			}),
		leftOut: () => {
			const names = members ? Object.keys(members) : readdirSync(path);
			const known = new Set<string>([MANIFEST, "identity", FORGOTTEN_FILE, ...Object.values(BUNDLE_FILES)]);
			return [...new Set(names.map((name) => name.split("/", 1)[0] ?? name))].filter((name) => !known.has(name)).sort();
		},
		async *read() {
			for (const [kind, name] of FILES_IN_ORDER) {
				const objects = members ? objectsIn(members[name] ?? "") : objectsOfFile(join(path, name), progress);
				for await (const found of objects) {
					const key = `${name}, ${found.key}`;
					yield "why" in found ? { key, why: found.why } : rowOf(kind, key, found.object);
				}
			}
		},
	};
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

async function* objectsOfFile(path: string, progress: Source["progress"]): ReturnType<typeof objectsOf> {
	if (existsSync(path)) yield* objectsOf(path, progress);
}

async function* objectsIn(
	text: string,
): AsyncGenerator<{ key: string; object: JsonObject } | { key: string; why: string }> {
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

/** SHA-256 of a file of a bundle, lower-case hex; undefined when it has none of that name. */
async function digestOf(bundle: string, name: string): Promise<string | undefined> {
	// What lies elsewhere is none of its files, whatever the manifest says.
	const isWithin = name.split(/[\\/]/).every((part) => part !== "" && part !== "." && part !== "..");
	const file = join(bundle, name);
	if (!isWithin || !statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
	const hasher = new Bun.CryptoHasher("sha256");
	for await (const bytes of Bun.file(file).stream()) hasher.update(bytes);
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
