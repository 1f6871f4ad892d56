import type { PortableRow, PortableValue } from "@signet/db";
import type { Carried } from "../row.ts";

interface Shape {
	/** Texts without which a row says nothing. */
	readonly required: readonly string[];
	/** What is meant where nothing is said; columns that must not be empty, besides. */
	readonly defaults: PortableRow;
	/** Columns that hold numbers. All others hold texts. */
	readonly numbers: readonly string[];
}

/** What rows of our own tables look like. Memories are looked at by whoever adopts them. */
const SHAPES: Readonly<Record<Exclude<Carried, "memory">, Shape>> = {
	event: { required: ["id", "memory_id", "event"], defaults: { changed_by: "import" }, numbers: [] },
	entity: {
		required: ["id", "name"],
		defaults: { entity_type: "unknown", mentions: 1 },
		numbers: ["mentions"],
	},
	relation: {
		required: ["id", "source_entity_id", "target_entity_id"],
		defaults: { relation_type: "related", strength: 1, mentions: 1, confidence: 0.8 },
		numbers: ["strength", "mentions", "confidence"],
	},
	mention: { required: ["memory_id", "entity_id"], defaults: {}, numbers: ["confidence"] },
};

/** Columns that are dated where they are not. */
const TIMES: Readonly<Record<keyof typeof SHAPES, readonly string[]>> = {
	event: ["created_at"],
	entity: ["created_at", "updated_at"],
	relation: ["created_at"],
	mention: [],
};

export type Fitted = { readonly row: PortableRow } | { readonly why: string };

/** A row as its table takes it, or why the table would not. `now` is ISO-8601 UTC. */
export function fit(kind: keyof typeof SHAPES, row: PortableRow, now: string): Fitted {
	const { required, defaults, numbers } = SHAPES[kind];
	for (const name of required) {
		if (!isText(row[name])) return { why: `${kind}: ${name} is missing` };
	}
	for (const [name, value] of Object.entries(row)) {
		if (value === null) continue;
		const expected = numbers.includes(name) ? "number" : "string";
		if (typeof value !== expected) {
			return { why: `${kind}: ${name} must be a ${expected === "string" ? "text" : "number"}` };
		}
	}
	const assumed = { ...defaults, ...Object.fromEntries(TIMES[kind].map((name) => [name, now])) };
	const missing = Object.entries(assumed).filter(([name]) => row[name] === undefined || row[name] === null);
	return { row: { ...row, ...Object.fromEntries(missing) } };
}

export function isText(value: PortableValue | undefined): value is string {
	return typeof value === "string" && value.trim() !== "";
}
