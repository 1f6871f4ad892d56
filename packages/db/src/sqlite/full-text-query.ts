/** More words than this make a query no clearer, only slower. */
const MAX_WORDS = 32;
/** What the reference's tokenizer makes words of. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;

/**
 * What a person typed as a query of FTS5: all words must occur; a phrase in quotes as it stands; `word*` is the beginning
 * of a word. Everything else is taken for text, never for syntax. Undefined when there is no word in it.
 */
export function fullTextQuery(text: string): string | undefined {
	const words: string[] = [];
	// A NUL would end the query for SQLite in the middle of a string.
	for (const [part, phrase, phraseStar] of text.matchAll(/"([^"\0]*)"(\*)?|[^\s"\0]+/g)) {
		const word = phrase ?? part.replace(/\*+$/, "");
		if (!SEARCHABLE.test(word)) continue;
		const isBeginning = phrase === undefined ? part.endsWith("*") : phraseStar !== undefined;
		words.push(`${quoteWord(word)}${isBeginning ? "*" : ""}`);
	}
	return words.length === 0 ? undefined : words.slice(0, MAX_WORDS).join(" AND ");
}

/** A word as an FTS5 string, which nothing in it can end. */
export function quoteWord(word: string): string {
	return `"${word.replaceAll('"', '""')}"`;
}
