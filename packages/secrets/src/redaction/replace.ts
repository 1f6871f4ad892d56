import type { ValueFinder } from "./finder.ts";
import { passagesOf } from "./passages.ts";

export interface Replaced {
	readonly text: string;
	/** The values that were in it, by their places. */
	readonly found: ReadonlySet<number>;
}

const NOTHING: ReadonlySet<number> = new Set();

/** A text in which each value has its replacement; the same text when there is none in it. */
export function replaceValues(text: string, finder: ValueFinder, replacement: (value: number) => string): Replaced {
	if (!finder.isIn(text)) return { text, found: NOTHING };
	const bytes = Buffer.from(text);
	const found = new Set<number>();
	const parts: string[] = [];
	let at = 0;
	let kept = 0;
	// A match may have been counted in bytes, and a text is cut by its code units: what stays is not decoded, so that it
	// stays even where it is no well-formed text.
	const charsTo = (end: number) => {
		const chars = bytes.toString("utf8", at, end).length;
		at = end;
		return chars;
	};
	let position = 0;
	for (const { start, end, values, longest } of passagesOf(finder.find(bytes))) {
		position += charsTo(start);
		parts.push(text.slice(kept, position), replacement(longest));
		position += charsTo(end);
		kept = position;
		for (const value of values) found.add(value);
	}
	return { text: parts.join("") + text.slice(kept), found };
}
