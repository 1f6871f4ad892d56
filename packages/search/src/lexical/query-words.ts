import { isStopWord } from "./stop-words.ts";

/** More words than this make a query no clearer, only slower. */
const MAX_WORDS = 32;
/** What follows is not looked at: whole prompts and files are sent as questions. In UTF-16 code units. */
const MAX_CHARS = 8_000;

/** A word with a star right behind it; two of them are emphasis, as Markdown has it. */
const BEGINNING = /(?<![\p{L}\p{M}\p{N}])[\p{L}\p{M}\p{N}]+(?=\*(?!\*))/gu;

/** The words of a question as the reference's full-text table keeps them: not stemmed, split at every mark. */
export function plainQueryWords(query: string): string[] {
	const words = [
		...new Set(
			query
				.slice(0, MAX_CHARS)
				.toLowerCase()
				.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [],
		),
	];
	const content = words.filter((word) => !isStopWord(word));
	return (content.length > 0 ? content : words).slice(0, MAX_WORDS);
}

/** Those of its words that stand for all that begin so (`deploy*`). */
export function plainBeginnings(query: string): Set<string> {
	return new Set(query.slice(0, MAX_CHARS).toLowerCase().match(BEGINNING) ?? []);
}
