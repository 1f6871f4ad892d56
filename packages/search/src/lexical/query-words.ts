import { isStopWord } from "./stop-words.ts";
import { tokenise } from "./tokenise.ts";

/** More words than this make a query no clearer, only slower. */
const MAX_WORDS = 32;

/** The words of a question that say what it is about, each once: without stop words, unless there are no others. */
export function queryWords(query: string): string[] {
	const words = [...new Set(tokenise(query))];
	const content = words.filter((word) => !isStopWord(word));
	return (content.length > 0 ? content : words).slice(0, MAX_WORDS);
}

/** As `queryWords`, but as the reference's full-text table keeps them: not stemmed, split at every mark. */
export function plainQueryWords(query: string): string[] {
	const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
	const content = words.filter((word) => !isStopWord(word));
	return (content.length > 0 ? content : words).slice(0, MAX_WORDS);
}
