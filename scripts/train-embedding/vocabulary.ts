import { isStopWord } from "../../packages/search/src/lexical/stop-words.ts";
import type { Dictionary } from "./dictionary.ts";

/** Words are those of our tokeniser: stems, parts of identifiers. */

/** Longer ones are noise. */
const LONGEST_WORD = 24;
/** A word with marks inside, such as a file name, must be this common to be one. */
const COMMON_NAME = 200;

/** How much each source says about how common a word is. */
const TALK_SHARE = 0.6;
const MANUALS_SHARE = 0.2;
const GLOSSES_SHARE = 0.2;
/** For words of the dictionary that no source uses. */
const DICTIONARY_BONUS = 1e-7;

export interface Vocabulary {
	/** The commonest first. */
	readonly words: readonly string[];
	readonly ids: ReadonlyMap<string, number>;
	/** How likely each word is in what people write. */
	readonly likely: Float64Array;
	/** The positions of those words that are in the vocabulary and say something, in their order. */
	contentIds(words: readonly string[]): number[];
}

export interface Sources {
	/** How likely each word is in talk. */
	readonly talk: ReadonlyMap<string, number>;
	readonly texts: readonly (readonly string[])[];
	readonly dictionary: Dictionary;
}

export function chooseVocabulary({ talk, texts, dictionary }: Sources, size: number): Vocabulary {
	const inTexts = new Share(texts);
	const inGlosses = new Share([...dictionary.meanings.values()].map(({ gloss }) => gloss));
	const inDictionary = new Set(dictionary.entries.flatMap(({ words }) => (words.length === 1 ? words : [])));
	const scored = [...new Set([...talk.keys(), ...inTexts.words(), ...inDictionary, ...inGlosses.words()])]
		.filter(
			(word) => isWord(word) && (!/[^\p{L}\p{N}]/u.test(word) || talk.has(word) || inTexts.count(word) >= COMMON_NAME),
		)
		.map((word) => ({
			word,
			score:
				TALK_SHARE * (talk.get(word) ?? 0) +
				MANUALS_SHARE * inTexts.of(word) +
				GLOSSES_SHARE * inGlosses.of(word) +
				(inDictionary.has(word) ? DICTIONARY_BONUS : 0),
		}));
	scored.sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
	const words = scored.slice(0, size).map(({ word }) => word);
	const ids = new Map(words.map((word, id) => [word, id]));
	return {
		words,
		ids,
		likely: Float64Array.from(words, (word) => 0.7 * (talk.get(word) ?? 0) + 0.3 * inTexts.of(word)),
		contentIds: (some) => some.flatMap((word) => (isStopWord(word) ? [] : (ids.get(word) ?? []))),
	};
}

function isWord(word: string): boolean {
	return word.length <= LONGEST_WORD && (/[a-z]/.test(word) || /^\p{L}/u.test(word));
}

/** How often words occur in some texts. */
class Share {
	readonly #counts = new Map<string, number>();
	#total = 0;

	constructor(texts: readonly (readonly string[])[]) {
		for (const text of texts) {
			for (const word of text) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
			this.#total += text.length;
		}
	}

	words(): Iterable<string> {
		return this.#counts.keys();
	}

	count(word: string): number {
		return this.#counts.get(word) ?? 0;
	}

	of(word: string): number {
		return this.count(word) / this.#total;
	}
}
