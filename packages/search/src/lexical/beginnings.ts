import { fold, isUnspaced, MAX_WORD_LENGTH, stem, tokenise } from "./tokenise.ts";

/** What a star makes of a word: all that begins so. */
export interface Beginning {
	readonly beginning: string;
	/** Stems of words that begin so but are cut before its end: `organization`, for `organiz*`, is found as `organ`. */
	readonly stems: readonly string[];
}

/** More stars than this make a query no clearer, only slower. */
const MAX_STARS = 32;
/** What stands before a star is looked at so far. In UTF-16 code units. */
const MAX_BEFORE = 4 * MAX_WORD_LENGTH;
const ENDING = /[\p{L}\p{M}\p{N}_.\-/@:+#'’]+$/u;
const LEADING_MARKS = /^[^\p{L}\p{N}_]+/u;
const PLAIN = /^[a-z]+$/;
const SHORTEST = 2;

/** How English words may go on, as far as the stemmer takes more off than that. */
const ENDINGS =
	"e ed ing ion ions on n ation ations tion er ers or able al ally ment ment ness ity y ies ive ize izer ization zation ational fulness ousness iveness alism".split(
		" ",
	);

/** What is asked for with a star (`deploy*`, `user_id*`, `src/db*`), by the last of the words that the rest is tokenised to. */
export function beginningsIn(text: string): Map<string, Beginning> {
	const found = new Map<string, Beginning>();
	const pieces = text.split("*", MAX_STARS + 1);
	// Behind the last star is none; where there are more, the last piece ends with one that is not looked at.
	for (const [at, piece] of pieces.slice(0, -1).entries()) {
		// `**the port**`, as prompts in Markdown have it, is emphasis.
		if (pieces[at - 1] === "" && pieces[at + 1] === "") continue;
		const written = ENDING.exec(piece.slice(-MAX_BEFORE))?.[0].replace(LEADING_MARKS, "") ?? "";
		const word = tokenise(written).at(-1);
		const beginning = fold(written.normalize("NFKC")).replaceAll("’", "'").slice(0, MAX_WORD_LENGTH);
		if (word === undefined || (beginning.length < SHORTEST && !isUnspaced(beginning))) continue;
		found.set(word, { beginning, stems: shorterStems(beginning) });
	}
	return found;
}

function shorterStems(beginning: string): string[] {
	if (!PLAIN.test(beginning)) return [];
	const stems = ENDINGS.map((ending) => stem(beginning + ending)).filter((one) => !one.startsWith(beginning));
	return [...new Set(stems)];
}
