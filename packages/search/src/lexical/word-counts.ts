import { countDocumentsWith, type Reader } from "@signet/db";

const MAX_WORDS = 10_000;
/** Counts serve until there are this much more or fewer documents than when they were made. */
const DRIFT = 0.1;

/** In how many documents words occur. Counting a common word takes a while, so counts are kept while they are about right. */
export class WordCounts {
	#counts = new Map<string, number>();
	/** How many documents there were when the first of them was counted. */
	#documentCount = 0;

	/** The count, when it is known. */
	known(word: string): number | undefined {
		return this.#counts.get(word);
	}

	async of(reader: Reader, word: string, documentCount: number): Promise<number> {
		if (Math.abs(documentCount - this.#documentCount) > DRIFT * this.#documentCount || this.#counts.size >= MAX_WORDS) {
			this.#counts = new Map();
			this.#documentCount = documentCount;
		}
		const known = this.#counts.get(word);
		if (known !== undefined) return known;
		const counted = await countDocumentsWith(reader, word);
		this.#counts.set(word, counted);
		return counted;
	}
}
