/**
 * The kind of a memory, guessed from its words. The first hint that occurs decides, in this order. A hint is a word of
 * its own or its inflection, never a part of a longer word: "debug" is no bug, "until" is nothing one learned today.
 */
const HINTS: readonly (readonly [type: string, pattern: string])[] = [
	["preference", "prefer(?:s|red|ring|ence|ences)?"],
	["preference", "likes"],
	["preference", "want(?:s|ed)?"],
	["decision", "decided"],
	["decision", "agreed"],
	["decision", "will use"],
	["learning", "learned"],
	["learning", "discovered"],
	["learning", "til"],
	["issue", "bugs?"],
	["issue", "issues?"],
	["issue", "broken"],
	["rule", "never"],
	["rule", "always"],
	["rule", "must"],
];

/** Importance of what carries no other, and of what is marked critical. Both within 0..1. */
export const DEFAULT_IMPORTANCE = 0.8;
export const CRITICAL_IMPORTANCE = 1;

/** `fact` unless a hint says otherwise. */
export function inferType(content: string): string {
	hints ??= HINTS.map(([type, pattern]) => [type, wholeWord(pattern)] as const);
	return hints.find(([, pattern]) => pattern.test(content))?.[0] ?? "fact";
}

/** Compiled on first use: a daemon that nobody tells anything does without. */
let hints: (readonly [type: string, pattern: RegExp])[] | undefined;

function wholeWord(pattern: string): RegExp {
	return new RegExp(`(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`, "iu");
}
