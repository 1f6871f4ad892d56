import { type Found, firstOf, type JsonObject, type Source, tagsOf, textRow, timeOf } from "./found.ts";
import { objectsOf } from "./lines.ts";

/** One JSON object in a line, with the members that `remember` takes, in camelCase or snake_case. */
export function jsonl(path: string): Source {
	const progress = { done: 0, total: 0 };
	return {
		format: "jsonl",
		progress,
		async *read() {
			for await (const found of objectsOf(path, progress))
				yield "why" in found ? found : rowOf(found.key, found.object);
		},
	};
}

/** A row for an object that says by its members what it is. */
export function rowOf(key: string, object: JsonObject): Found {
	return textRow(key, {
		content: firstOf(object, "content", "text", "memory"),
		type: object.type,
		tags: tagsOf(object.tags),
		importance: object.importance,
		pinned: object.pinned,
		who: firstOf(object, "who", "author"),
		project: object.project,
		sessionId: firstOf(object, "sessionId", "session_id"),
		position: object.position,
		role: object.role,
		category: object.category,
		confidence: object.confidence,
		sourceType: firstOf(object, "sourceType", "source_type"),
		sourceId: firstOf(object, "sourceId", "source_id"),
		createdAt: timeOf(firstOf(object, "createdAt", "created_at", "timestamp", "date")),
	});
}
