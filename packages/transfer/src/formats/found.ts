import { isoTime } from "@signet/core";
import type { RememberRequest } from "@signet/memory";
import type { TransferRow } from "../row.ts";

/**
 * A row that was read, or why something is none. `key` says where it stands: a line, a file, an id. What the members of a
 * text are worth is for whoever takes it to say.
 */
export type Found =
	| { readonly kind: "text"; readonly key: string; readonly memory: JsonObject }
	| Exclude<TransferRow, { kind: "text" }>
	| { readonly key: string; readonly why: string };

/** How far reading has come, in bytes; a total of 0 is not known. */
export interface Progress {
	done: number;
	total: number;
}

/** Something that can be imported. */
export interface Source {
	/** Name of the format. */
	readonly format: string;
	readonly progress: Progress;
	/** Files that say who an agent is, where the format has them. */
	identity?(): readonly { readonly name: string; readonly text: string }[];
	/** What is there besides, and is not taken in: files and folders by their names. */
	leftOut?(): readonly string[];
	/** The rows, one after the other: never all of them at once. */
	read(): AsyncIterable<Found>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first of these members that says anything. */
export function firstOf(object: JsonObject, ...names: string[]): unknown {
	return names.map((name) => object[name]).find((value) => value !== undefined && value !== null && value !== "");
}

/** A text, or undefined. */
export function textOf(value: unknown): string | undefined {
	return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** A row for a text, without what is not known of it. */
export function textRow(key: string, memory: { readonly [K in keyof RememberRequest]: unknown }): Found {
	const stated = Object.fromEntries(
		Object.entries(memory).filter(([, value]) => value !== undefined && value !== null),
	);
	if (textOf(stated.content) === undefined) return { key, why: "it has no text" };
	return { kind: "text", key, memory: stated };
}

/** Above the number of a unit it is one of the next smaller unit: until the year 5138 in each of them. */
const UNITS = [
	{ below: 1e11, ms: 1_000 },
	{ below: 1e14, ms: 1 },
	{ below: 1e17, ms: 1e-3 },
	{ below: 1e20, ms: 1e-6 },
];

/** A time as programs write it: a text, or seconds, milli-, micro- or nanoseconds since 1970. What is none stays as it is. */
export function timeOf(value: unknown): string | undefined {
	if (typeof value === "string" && value.trim() !== "") return value;
	if (typeof value !== "number" || !(value > 0)) return undefined;
	const unit = UNITS.find(({ below }) => value < below);
	return unit ? isoTime(Math.trunc(value * unit.ms)) : String(value);
}

/** Tags as programs write them: a list, or a text with commas. */
export function tagsOf(value: unknown): string | undefined {
	const tags = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
	return tags.filter((tag) => tag !== undefined).join(",") || undefined;
}
