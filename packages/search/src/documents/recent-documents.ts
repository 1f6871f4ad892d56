import type { Timers } from "@signet/core";
import { type Reader, readDocuments, type SearchedDocument } from "@signet/db";
import { RecentlyUsed } from "./recently-used.ts";

/** In UTF-16 code units, about a byte each: some 20,000 documents. */
const MAX_KEPT = 8_000_000;
/** What a document takes besides its words. */
const PER_DOCUMENT = 150;

/** Documents as a search compares them, those that were compared lately from memory. */
export class RecentDocuments {
	readonly #documents: RecentlyUsed<number, SearchedDocument>;
	/** How often documents went or got other words: what was read before is not kept after it. */
	#changes = 0;

	constructor(timers: Pick<Timers, "after">) {
		this.#documents = new RecentlyUsed({
			timers,
			maxWeight: MAX_KEPT,
			weightOf: ({ words }) => PER_DOCUMENT + words.length,
		});
	}

	/** Documents by their numbers, in no particular order; those that are gone are left out. */
	async read(reader: Reader, docs: Iterable<number>): Promise<SearchedDocument[]> {
		const found: SearchedDocument[] = [];
		const missing: number[] = [];
		for (const doc of docs) {
			const known = this.#documents.get(doc);
			if (known) found.push(known);
			else missing.push(doc);
		}
		if (missing.length === 0) return found;
		const changes = this.#changes;
		for (const document of await readDocuments(reader, missing)) {
			found.push(document);
			if (changes === this.#changes) this.#documents.set(document.doc, document);
		}
		return found;
	}

	/** Take in that documents are gone, or stand elsewhere or are found by other words now. */
	changed(docs: Iterable<number>): void {
		this.#changes++;
		for (const doc of docs) this.#documents.delete(doc);
	}
}
