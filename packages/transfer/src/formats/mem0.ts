import { statSync } from "node:fs";
import { join } from "node:path";
import {
	type Found,
	firstOf,
	isObject,
	type JsonObject,
	type Source,
	tagsOf,
	textOf,
	textRow,
	timeOf,
} from "./found.ts";
import { type JsonShape, jsonParts } from "./json-parts.ts";
import { objectsOf } from "./lines.ts";

/** What a backup of OpenMemory holds, unpacked. */
export const BACKUP = "memories.json";

/**
 * Exports of mem0 and OpenMemory: a list of memories, by itself or as `results`, `memories` or `items`, or one in each
 * line. A backup of OpenMemory names users, apps and categories once and refers to them. Runs are sessions; the order in
 * them is told by the times alone.
 */
export function mem0(named: string): Source {
	const path = statSync(named).isDirectory() ? join(named, BACKUP) : named;
	const progress = { done: 0, total: 0 };
	const shape: JsonShape = { outermost: undefined, hasMore: false };
	return {
		format: "mem0",
		progress,
		async *read() {
			if (/\.(jsonl|ndjson)$/i.test(path)) {
				for await (const found of objectsOf(path, progress)) {
					yield "why" in found ? found : rowOf(found.key, found.object, NO_NAMES);
				}
				return;
			}
			const referred: Record<string, unknown> = {};
			let names = NO_NAMES;
			let hasList = false;
			for await (const { name, item, ...part } of jsonParts(path, { isList, progress, shape })) {
				if (item === undefined) {
					hasList ||= isList(name) && "value" in part && Array.isArray(part.value);
					if (REFERRED.includes(name) && "value" in part) {
						referred[name] = part.value;
						names = namesIn(referred);
					}
					continue;
				}
				hasList = true;
				const key = `memory ${item}`;
				yield "why" in part ? { key, why: part.why } : rowOf(key, part.value, names);
			}
			if (!hasList && shape.outermost !== "list") throw new Error(`${path} has no list of memories`);
		},
	};
}

const LISTS = ["results", "memories", "items", "data"];
/** What memories refer to; stands before them. */
const REFERRED = ["user", "apps", "categories"];

/** Whether a member of that name, if it is a list, is one of memories. */
export function isList(name: string): boolean {
	return LISTS.includes(name);
}

/** What a backup refers to by ids. */
interface Names {
	readonly user: string | undefined;
	readonly apps: ReadonlyMap<string, string>;
	readonly categories: ReadonlyMap<string, string>;
}

const NO_NAMES: Names = { user: undefined, apps: new Map(), categories: new Map() };

function namesIn({ user, apps, categories }: JsonObject): Names {
	return {
		user: isObject(user) ? textOf(firstOf(user, "user_id", "name")) : undefined,
		apps: byId(apps),
		categories: byId(categories),
	};
}

function byId(list: unknown): Map<string, string> {
	const named = new Map<string, string>();
	for (const item of Array.isArray(list) ? list : []) {
		const [id, name] = isObject(item) ? [textOf(item.id), textOf(item.name)] : [];
		if (id !== undefined && name !== undefined) named.set(id, name);
	}
	return named;
}

function rowOf(key: string, item: unknown, names: Names): Found {
	if (typeof item === "string") return textRow(key, { content: item, sourceType: "mem0" });
	if (!isObject(item)) return { key, why: "it is no memory" };
	const id = textOf(item.id);
	const state = textOf(item.state);
	if (state === "deleted" || item.is_deleted === true) return { key, why: "it was deleted there" };
	const metadata = metadataOf(item);
	const role = textOf(firstOf(item, "role", "attributed_to"));
	return textRow(key, {
		content: firstOf(item, "memory", "content", "text", "data"),
		type: textOf(metadata.type),
		tags: tagsOf(firstOf(item, "categories", "tags") ?? categoriesOf(item, names) ?? metadata.tags),
		who: whoOf(item, role, names),
		role,
		project: textOf(metadata.project),
		sessionId: textOf(firstOf(item, "run_id", "session_id")),
		sourceType: "mem0",
		sourceId: id,
		createdAt: timeOf(firstOf(item, "created_at", "createdAt")),
	});
}

/**
 * The one who spoke, where that is told; else the user, and where there is but an id that says nothing, the program that
 * it was for. What an assistant said is not of the user, in whose name it is kept.
 */
function whoOf(item: JsonObject, role: string | undefined, { user, apps }: Names): string | undefined {
	const app = apps.get(textOf(item.app_id) ?? "") ?? textOf(firstOf(item, "app", "app_name"));
	const speaker = textOf(item.actor_id);
	if (speaker !== undefined) return speaker;
	if (role?.toLowerCase() === "assistant") return textOf(item.agent_id) ?? role;
	return user ?? textOf(firstOf(item, "user_id", "agent_id")) ?? app;
}

function categoriesOf({ category_ids: ids }: JsonObject, { categories }: Names): string[] | undefined {
	return Array.isArray(ids) ? ids.flatMap((id) => categories.get(String(id)) ?? []) : undefined;
}

function metadataOf(item: JsonObject): JsonObject {
	const metadata = firstOf(item, "metadata", "metadata_");
	return isObject(metadata) ? metadata : {};
}
