/** More words than this make a query no clearer, only slower. */
const MAX_WORDS = 32;
/** What the reference's tokenizer makes words of. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;

/** A word that a person typed, or a phrase in quotes. */
export interface TypedWord {
	readonly text: string;
	/** It is the beginning of a word (`word*`). */
	readonly isBeginning: boolean;
}

/** What a person typed: words, phrases in quotes, beginnings of words. Everything else is taken for text, never for syntax. */
export function typedWords(text: string): TypedWord[] {
	const words: TypedWord[] = [];
	// A NUL would end the query for SQLite in the middle of a string.
	for (const [part, phrase, phraseStar] of text.matchAll(/"([^"\0]*)"(\*)?|[^\s"\0]+/g)) {
		// `**word**` is emphasis, as Markdown has it.
		const hasStar = phrase === undefined ? /(?<!\*)\*$/.test(part) : phraseStar !== undefined;
		const word = phrase ?? part.replace(/\*+$/, "");
		if (!SEARCHABLE.test(word)) continue;
		words.push({ text: word, isBeginning: hasStar });
	}
	return words.slice(0, MAX_WORDS);
}

/** What a person typed as a query of FTS5: all words must occur. Undefined when there is no word in it. */
export function fullTextQuery(text: string): string | undefined {
	const words = typedWords(text);
	if (words.length === 0) return undefined;
	return words.map((word) => `${quoteWord(word.text)}${word.isBeginning ? "*" : ""}`).join(" AND ");
}

/** A word as an FTS5 string, which nothing in it can end. */
export function quoteWord(word: string): string {
	return `"${word.replaceAll('"', '""')}"`;
}
