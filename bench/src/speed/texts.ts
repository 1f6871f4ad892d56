import { mulberry32 } from "@signet/core";

/**
 * Texts as varied as people's: a quarter of the words say nothing ("the", "with"), the others follow Zipf's law over a
 * large vocabulary, so that some are in every tenth text and most in a handful.
 */

const VOCABULARY = 30_000;
const ZIPF_EXPONENT = 0.9;
const FILLER = "the of and to in is for on with that it was as at by this from have be are we they".split(" ");
const SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo zu bran chel dris fron glam kest lond mir pel stur".split(
	" ",
);
const QUESTION_WORDS = "what did we decide about|when was the|which|why does the|how do I set".split("|");

export class Texts {
	readonly #uniform: () => number;
	readonly #cumulative: Float64Array;

	constructor(seed = 7) {
		this.#uniform = mulberry32(seed);
		this.#cumulative = new Float64Array(VOCABULARY);
		let sum = 0;
		for (let rank = 0; rank < VOCABULARY; rank++) {
			sum += 1 / (rank + 1) ** ZIPF_EXPONENT;
			this.#cumulative[rank] = sum;
		}
	}

	/** A memory of 12 to 38 words. */
	memory(): string {
		const length = 12 + Math.floor(this.#uniform() * 27);
		const words = Array.from({ length }, () => (this.#uniform() < 0.25 ? this.#oneOf(FILLER) : this.#word()));
		return `${words.join(" ")}.`;
	}

	/** A question about a memory: four to six of its words in their order, and how questions begin. */
	questionAbout(memory: string): string {
		const content = memory.replace(".", "").split(" ");
		const words = content.filter((word) => !FILLER.includes(word));
		const wanted = 4 + Math.floor(this.#uniform() * 3);
		const chosen = words.filter((_, at) => this.#uniform() < wanted / words.length || at === 0);
		return `${this.#oneOf(QUESTION_WORDS)} ${chosen.join(" ")}?`;
	}

	/** One of a list. */
	#oneOf(list: readonly string[]): string {
		return list[Math.floor(this.#uniform() * list.length)] ?? "";
	}

	#word(): string {
		const target = this.#uniform() * (this.#cumulative.at(-1) ?? 0);
		let low = 0;
		let high = VOCABULARY - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#cumulative[middle] ?? 0) < target) low = middle + 1;
			else high = middle;
		}
		return wordOfRank(low);
	}
}

/** Frequent words are short. */
function wordOfRank(rank: number): string {
	let word = "";
	for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
		word += SYLLABLES[rest % SYLLABLES.length];
	}
	return word;
}
