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
import { readJson } from "./json-file.ts";

/** Exports of mem0 and OpenMemory: a list of memories, by itself or as `results`, `memories` or `items`. */
export function mem0(path: string): Source {
	return {
		format: "mem0",
		progress: { done: 0, total: 0 },
		async *read() {
			const list = memoriesIn(await readJson(path));
			if (!list) throw new Error(`${path} has no list of memories`);
			for (const [at, item] of list.entries()) yield rowOf(`memory ${at + 1}`, item);
		},
	};
}

/** The list of memories in a file, if there is one. */
export function memoriesIn(json: unknown): readonly unknown[] | undefined {
	if (Array.isArray(json)) return json;
	if (!isObject(json)) return undefined;
	const list = firstOf(json, "results", "memories", "items", "data");
	return Array.isArray(list) ? list : undefined;
}

function rowOf(key: string, item: unknown): Found {
	if (typeof item === "string") return textRow(key, { content: item, sourceType: "mem0" });
	if (!isObject(item)) return { key, why: "it is no memory" };
	const id = textOf(item.id);
	const state = textOf(item.state);
	if (state === "deleted" || item.is_deleted === true) return { key, why: "it was deleted there" };
	const metadata = metadataOf(item);
	return textRow(key, {
		content: firstOf(item, "memory", "content", "text", "data"),
		type: textOf(metadata.type),
		tags: tagsOf(firstOf(item, "categories", "tags") ?? metadata.tags),
		who: textOf(firstOf(item, "user_id", "agent_id", "app_name")),
		project: textOf(metadata.project),
		sessionId: textOf(firstOf(item, "run_id", "session_id")),
		sourceType: "mem0",
		sourceId: id,
		createdAt: timeOf(firstOf(item, "created_at", "createdAt")),
	});
}

function metadataOf(item: JsonObject): JsonObject {
	const metadata = firstOf(item, "metadata", "metadata_");
	return isObject(metadata) ? metadata : {};
}
