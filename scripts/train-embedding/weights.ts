import { isStopWord } from "../../packages/search/src/lexical/stop-words.ts";
import { tokenise } from "../../packages/search/src/lexical/tokenise.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What each word counts in a text: a rare word much, a common one little (Arora, Liang and Ma 2017). */

/** A word this likely counts half: the value of that paper. */
const HALF_LIKELY = 1e-3;
const STOP_WORD_SHARE = 0.1;
/** The people of a conversation are named everywhere in it. */
const NAME_SHARE = 0.3;
/** Names stand where these stand. */
const NAMES =
	"john mary david susan michael jennifer robert linda peter emma kevin laura steve alice tom kate nancy daniel paul anna";
const NAME_LIKENESS = 0.5;
/** The first directions are the strongest: they tell kinds of words apart. */
const NAME_DIRECTIONS = 64;

/** From 0 to 1. @param vectors `dimensions` numbers for each word, the strongest direction first */
export function weighWords(vocabulary: Vocabulary, vectors: Float32Array, dimensions: number): Float64Array {
	const directionOf = (id: number) => unit(vectors.subarray(id * dimensions, id * dimensions + NAME_DIRECTIONS));
	const name = unit(sum(vocabulary.contentIds(tokenise(NAMES)).map(directionOf)));
	return Float64Array.from(vocabulary.words, (word, id) => {
		const likeness = directionOf(id).reduce((all, number, at) => all + number * (name[at] ?? 0), 0);
		const share = isStopWord(word) ? STOP_WORD_SHARE : likeness > NAME_LIKENESS ? NAME_SHARE : 1;
		return (share * HALF_LIKELY) / (HALF_LIKELY + (vocabulary.likely[id] ?? 0));
	});
}

function sum(vectors: readonly Float64Array[]): Float64Array {
	return Float64Array.from({ length: NAME_DIRECTIONS }, (_, at) =>
		vectors.reduce((all, vector) => all + (vector[at] ?? 0), 0),
	);
}

function unit(vector: ArrayLike<number>): Float64Array {
	const numbers = Float64Array.from(vector);
	const length = Math.sqrt(numbers.reduce((square, number) => square + number * number, 0));
	return length === 0 ? numbers : numbers.map((number) => number / length);
}
