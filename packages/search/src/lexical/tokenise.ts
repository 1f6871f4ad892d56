import { stemmer } from "stemmer";
import { baseForm } from "./base-forms.ts";

/**
 * The words of a text, for people and for code. Each is lower case, without accents, and stemmed when it is plain
 * English letters; `went` is `go`, and `two` is `2`. What is written together with marks inside (`node-7`, `build/web`,
 * `snake_case`, `2.14`, `a@b.org`, `C++`) or in camel case gives its parts and, after them, the whole; two words with a
 * hyphen also what they are without it (`stand-up` is found as `standup`). Scripts without spaces between words give
 * pairs of neighbouring characters.
 */

/** To be raised whenever the same text gives other words: indices made by another version are made again. */
export const TOKENISER_VERSION = 3;

/** Longer words are noise (hashes, encoded data) and are cut. */
const MAX_WORD_LENGTH = 64;

const WORD = /[\p{L}\p{M}\p{N}_]+(?:[.\-/@:+#'’][\p{L}\p{M}\p{N}_]+)*(?:\+\+|#)?/gu;
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+|\p{L}+/gu;
const PLAIN = /^[a-z]+$/;
const MARKS = /[^\p{L}\p{N}]/u;
/** Soft hyphens, zero-width blanks and the like, which come along with what is copied from pages. */
const INVISIBLE = /\p{Cf}+/gu;
const ACCENTS = /\p{M}+/gu;
/** A character of a script without spaces between words. */
export const UNSPACED =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const POSSESSIVE = /['’]s$/;
const COMPOUND = /^[a-z]+-[a-z]+$/;

/** All words in order, with repetitions. */
export function tokenise(text: string): string[] {
	const tokens: string[] = [];
	for (const [word] of text.normalize("NFKC").replace(INVISIBLE, "").matchAll(WORD)) addWord(word, tokens);
	return tokens;
}

function addWord(written: string, tokens: string[]): void {
	const word = written.replace(POSSESSIVE, "");
	const folded = fold(word);
	if (PLAIN.test(folded) && !hasInnerCapital(word)) {
		tokens.push(stem(folded));
		return;
	}
	if (UNSPACED.test(word)) {
		addPairs(folded, tokens);
		return;
	}
	const parts = [...word.matchAll(PART)].map(([part]) => fold(part));
	for (const part of parts) tokens.push(indexed(part));
	if (parts.length > 1 || MARKS.test(folded)) tokens.push(indexed(folded.replaceAll("’", "'")));
	if (COMPOUND.test(folded)) tokens.push(stem(folded.replace("-", "")));
}

/** A word, or the whole of one with parts, as it is looked up: `ClickHouse` is also asked for as `clickhouse`. */
function indexed(folded: string): string {
	return PLAIN.test(folded) ? stem(folded) : folded.slice(0, MAX_WORD_LENGTH);
}

/** `getUser`, `HTTPServer`, but not `Server` or `HTTP`. */
function hasInnerCapital(word: string): boolean {
	return /\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u.test(word);
}

/** A word in lower case, without accents. */
export function fold(word: string): string {
	const lower = word.toLowerCase();
	return PLAIN.test(lower) ? lower : lower.normalize("NFD").replace(ACCENTS, "").normalize("NFC");
}

/** Neighbouring characters of unspaced writing; what stands between as letters or digits is a word of its own. */
function addPairs(text: string, tokens: string[]): void {
	for (const run of text.match(/[\p{L}\p{N}]+/gu) ?? []) {
		const characters = [...run];
		if (!UNSPACED.test(run) || characters.length === 1) {
			tokens.push(run.slice(0, MAX_WORD_LENGTH));
			continue;
		}
		for (let at = 0; at + 1 < characters.length; at++) tokens.push(`${characters[at]}${characters[at + 1]}`);
	}
}

/** Stems of the words seen lately; texts repeat themselves. */
const stems = new Map<string, string>();
const MAX_STEMS = 8192;

/** The stem of a lower-case English word (Porter's algorithm), or of the word that it is an irregular form of. */
export function stem(word: string): string {
	const known = stems.get(word);
	if (known !== undefined) return known;
	const cut = word.slice(0, MAX_WORD_LENGTH);
	// Porter leaves `deployment` another stem than `deploy`, whose last letter he changes.
	const found = stemmer(baseForm(cut)).replace(/(?<=[aeiou])y$/, "i");
	if (stems.size >= MAX_STEMS) stems.clear();
	stems.set(word, found);
	return found;
}
