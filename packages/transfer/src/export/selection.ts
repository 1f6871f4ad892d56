import { isObject, type JsonObject, textOf } from "../formats/found.ts";
import type { Carried } from "../row.ts";

/**
 * What belongs together of rows that are read one page after the other while others go on working: each memory with its
 * past up to the version at which it was read, and links only between what was read. Kinds come in the order of `CARRIED`.
 */
export class ExportSelection {
	/** Versions by the memory. */
	readonly #memories = new Map<string, number>();
	readonly #entities = new Set<string>();

	/** Whether a row is part of it. */
	take(kind: Carried, row: JsonObject): boolean {
		switch (kind) {
			case "memory":
				this.#memories.set(String(row.id), Number(row.version ?? 1));
				return true;
			case "event":
				return this.#takeEvent(row);
			case "entity":
				this.#entities.add(String(row.id));
				return true;
			case "relation":
				return this.#entities.has(String(row.source_entity_id)) && this.#entities.has(String(row.target_entity_id));
			case "mention":
				return this.#memories.has(String(row.memory_id)) && this.#entities.has(String(row.entity_id));
		}
	}

	#takeEvent(row: JsonObject): boolean {
		const version = this.#memories.get(String(row.memory_id));
		// Without a memory there is an event only of what was erased before, and of none in particular.
		if (version === undefined) return true;
		return row.event !== "erased" && versionOf(row) <= version;
	}
}

/** Of the memory after the event; 0 for an event that says nothing of it. */
function versionOf({ metadata }: JsonObject): number {
	try {
		const parsed: unknown = JSON.parse(textOf(metadata) ?? "null");
		return isObject(parsed) && typeof parsed.version === "number" ? parsed.version : 0;
	} catch {
		return 0;
	}
}
