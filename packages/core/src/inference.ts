/**
 * The kind of a memory, guessed from its words. The first hint that occurs decides, in this order. A hint is a word of
 * its own or its inflection, never a part of a longer word: "debug" is no bug, "until" is nothing one learned today.
 */
const HINTS: readonly (readonly [type: string, pattern: RegExp])[] = [
	["preference", wholeWord("prefer(?:s|red|ring|ence|ences)?")],
	["preference", wholeWord("likes")],
	["preference", wholeWord("want(?:s|ed)?")],
	["decision", wholeWord("decided")],
	["decision", wholeWord("agreed")],
	["decision", wholeWord("will use")],
	["learning", wholeWord("learned")],
	["learning", wholeWord("discovered")],
	["learning", wholeWord("til")],
	["issue", wholeWord("bugs?")],
	["issue", wholeWord("issues?")],
	["issue", wholeWord("broken")],
	["rule", wholeWord("never")],
	["rule", wholeWord("always")],
	["rule", wholeWord("must")],
];

/** Importance of what carries no other, and of what is marked critical. Both within 0..1. */
export const DEFAULT_IMPORTANCE = 0.8;
export const CRITICAL_IMPORTANCE = 1;

/** `fact` unless a hint says otherwise. */
export function inferType(content: string): string {
	return HINTS.find(([, pattern]) => pattern.test(content))?.[0] ?? "fact";
}

function wholeWord(pattern: string): RegExp {
	return new RegExp(`(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`, "iu");
}
