import type { MemoryScope } from "@signet/core";

const PARTS = ["project", "agent", "user"] as const;
const MAX_CHARS = 256;
/** Of the name of a token's holder. */
export const MAX_SUBJECT_CHARS = 128;

/**
 * A scope as a token or a request has it; undefined when it is none. A part that nobody knows would restrict nothing, so
 * it is refused like everything else that is wrong.
 */
export function readScope(given: unknown): MemoryScope | undefined {
	if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
	const names = Object.keys(given);
	if (names.some((name) => !PARTS.some((part) => part === name))) return undefined;
	const scope: { -readonly [Part in keyof MemoryScope]: string } = {};
	for (const part of PARTS) {
		const value = new Map<string, unknown>(Object.entries(given)).get(part);
		if (value === undefined) continue;
		if (typeof value !== "string" || value.length === 0 || value.length > MAX_CHARS) return undefined;
		scope[part] = value;
	}
	return scope;
}

/** Why somebody with a scope is refused what is about everything: names the first part of it. */
export function restrictionOf(scope: MemoryScope): string {
	const part = PARTS.find((each) => scope[each] !== undefined);
	return part ? `scope restricted to ${part} '${scope[part]}'` : "no scope";
}
