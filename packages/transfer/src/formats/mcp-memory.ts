import { sha256Hex } from "@signet/core";
import { type Found, type JsonObject, type Source, textOf, textRow } from "./found.ts";
import { objectsOf } from "./lines.ts";

const SOURCE = "mcp-memory";

/**
 * The file of the MCP reference memory server: an entity with its observations, or a relation of two entities, in each
 * line. Each observation becomes a memory, with the name before it, since it is often about "it".
 */
export function mcpMemory(path: string): Source {
	const progress = { done: 0, total: 0 };
	return {
		format: "mcp-memory",
		progress,
		async *read() {
			for await (const found of objectsOf(path, progress)) {
				if ("why" in found) yield found;
				else yield* rowsOf(found.key, found.object);
			}
		},
	};
}

function* rowsOf(key: string, object: JsonObject): Iterable<Found> {
	if (object.type === "entity") yield* observationsOf(key, object);
	else if (object.type === "relation") yield relationOf(key, object);
	else yield { key, why: "it is neither an entity nor a relation" };
}

function* observationsOf(key: string, { name, entityType, observations }: JsonObject): Iterable<Found> {
	const entity = textOf(name);
	if (entity === undefined) {
		yield { key, why: "the entity has no name" };
		return;
	}
	if (!Array.isArray(observations) || observations.length === 0) {
		yield { key, why: "nothing was observed of it" };
		return;
	}
	for (const [at, observation] of observations.entries()) {
		const place = `${key}, observation ${at + 1}`;
		const text = textOf(observation);
		if (text === undefined) yield { key: place, why: "the observation is no text" };
		else {
			yield textRow(place, {
				content: `${entity}: ${text}`,
				tags: [textOf(entityType), entity].filter(Boolean).join(","),
				sourceType: SOURCE,
				sourceId: `${entity}/${sha256Hex(text).slice(0, 16)}`,
			});
		}
	}
}

function relationOf(key: string, { from, to, relationType }: JsonObject): Found {
	const [subject, object, relation] = [textOf(from), textOf(to), textOf(relationType)];
	if (!subject || !object || !relation) return { key, why: "the relation lacks from, to or relationType" };
	return textRow(key, {
		content: `${subject} ${relation.replaceAll("_", " ")} ${object}`,
		tags: `${subject},${object}`,
		sourceType: SOURCE,
		sourceId: `${subject}/${relation}/${object}`,
	});
}
