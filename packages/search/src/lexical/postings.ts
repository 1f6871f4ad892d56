import { EVERYTHING, type Timers } from "@signet/core";
import { documentsWith, type Reader } from "@signet/db";
import { RecentlyUsed } from "../documents/recently-used.ts";

/** Documents looked at for each word, the newest first: a word that more of them have tells hardly any apart. */
export const MAX_DOCUMENTS = 750;
/** Document numbers kept in all: 4 MB. */
const MAX_KEPT = 500_000;
/** A word that nobody has takes room too. */
const PER_WORD = 16;
/** All memories that are not forgotten. */
export const NO_FILTER = { scope: EVERYTHING };

/** What came and went, by words. */
export interface WordsChanged {
	/** The words of new documents, joined by blanks, a document each. */
	readonly added: readonly string[];
	/** Whether documents have gone or are found by other words now. */
	readonly isMore: boolean;
}

/**
 * The documents that words occur in, of words that were looked for lately: people ask about the same things for a while, and
 * the words that take longest to look up are those that many questions have.
 */
export class Postings {
	readonly #docs: RecentlyUsed<string, readonly number[]>;
	/** How often anything changed: what was read before a change is not kept after it. */
	#changes = 0;

	constructor(timers: Pick<Timers, "after">) {
		this.#docs = new RecentlyUsed({ timers, maxWeight: MAX_KEPT, weightOf: (docs) => PER_WORD + docs.length });
	}

	/** The newest `MAX_DOCUMENTS` that have a word, the newest first. */
	async of(reader: Reader, word: string): Promise<readonly number[]> {
		const known = this.#docs.get(word);
		if (known) return known;
		const changes = this.#changes;
		const docs = await documentsWith(reader, [word], { filter: NO_FILTER, limit: MAX_DOCUMENTS });
		if (changes === this.#changes) this.#docs.set(word, docs);
		return docs;
	}

	/** Take in what was committed. */
	changed({ added, isMore }: WordsChanged): void {
		this.#changes++;
		if (isMore) this.#docs.clear();
		for (const words of added) for (const word of words.split(" ")) this.#docs.delete(word);
	}
}
