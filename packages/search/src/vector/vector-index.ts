import type { EncodedDocument, VectorModel } from "@signet/db";
import { nthLargest } from "../ranking/nth-largest.ts";
import { type CodeEncoder, encoderOf } from "./code-encoder.ts";
import { CodeScanner } from "./code-scanner.ts";

/** Codes compared with the query's numbers for each document that is wanted (docs/decisions). */
const SCANNED_PER_WANTED = 8;
const GROWTH = 1.25;
const NOWHERE = 0xffff_ffff;

/** A document and about how similar its vector is to the query's, from -1 to 1. */
export interface Estimate {
	readonly doc: number;
	readonly similarity: number;
}

/** The codes of one model in memory, and the search for the documents whose vectors are nearest to a query's. */
export class VectorIndex {
	readonly encoder: CodeEncoder;
	readonly #scanner: CodeScanner;
	/** The document at each position. */
	#docs = new Uint32Array(1024);
	/** The position of each document, by its number; `NOWHERE` for those that are not there. */
	#positions = new Uint32Array(1024).fill(NOWHERE);
	/** The query that the scanner has. Queries are not changed once they are made. */
	#asked: Float32Array | undefined;

	constructor(readonly model: VectorModel) {
		this.encoder = encoderOf(model.dimensions);
		this.#scanner = new CodeScanner(this.encoder.bytes);
	}

	/** How many documents there are. */
	get count(): number {
		return this.#scanner.count;
	}

	/** Bytes of memory that the index takes. */
	get memoryBytes(): number {
		return this.#scanner.memoryBytes + this.#docs.byteLength + this.#positions.byteLength;
	}

	/** Make room for `count` documents in all. */
	reserve(count: number): void {
		this.#scanner.reserve(count);
		this.#docs = grown(this.#docs, count, 0);
	}

	/** Add documents. None of them may be there already. */
	add(documents: readonly EncodedDocument[]): void {
		this.reserve(this.count + documents.length);
		for (const { doc, code } of documents) {
			this.#positions = grown(this.#positions, doc + 1, NOWHERE);
			this.#positions[doc] = this.count;
			this.#docs[this.count] = doc;
			this.#scanner.push(code);
		}
	}

	has(doc: number): boolean {
		return this.#positionOf(doc) !== NOWHERE;
	}

	/** Remove a document, if it is there. */
	remove(doc: number): void {
		const position = this.#positionOf(doc);
		if (position === NOWHERE) return;
		const moved = this.#docs[this.count - 1] ?? 0;
		this.#docs[position] = moved;
		this.#positions[moved] = position;
		this.#positions[doc] = NOWHERE;
		this.#scanner.removeAt(position);
	}

	/**
	 * About `limit` documents whose vectors are likely the nearest by angle, the likeliest first. Exact order needs the
	 * vectors themselves.
	 *
	 * @param isAllowed documents that may be found; all, when it is left out
	 */
	nearest(query: Float32Array, limit: number, isAllowed?: (doc: number) => boolean): Estimate[] {
		const positions = this.#scanner.nearest(
			this.encoder.encode(query),
			limit * SCANNED_PER_WANTED,
			isAllowed && ((position) => isAllowed(this.#docs[position] ?? 0)),
		);
		this.#ask(query);
		const estimates = this.#scanner.estimates(positions);
		const least = estimates.length > limit ? nthLargest(estimates.slice(), limit) : Number.NEGATIVE_INFINITY;
		const found: Estimate[] = [];
		for (let at = 0; at < estimates.length; at++) {
			const similarity = estimates[at] ?? 0;
			if (similarity >= least) found.push({ doc: this.#docs[positions[at] ?? 0] ?? 0, similarity });
		}
		return found.sort((a, b) => b.similarity - a.similarity || a.doc - b.doc).slice(0, limit);
	}

	/** About how similar these documents are to the query; those that are not there are left out. */
	estimates(query: Float32Array, docs: readonly number[]): Estimate[] {
		const known = docs.filter((doc) => this.has(doc));
		const positions = Uint32Array.from(known, (doc) => this.#positionOf(doc));
		this.#ask(query);
		const estimates = this.#scanner.estimates(positions);
		return known.map((doc, at) => ({ doc, similarity: estimates[at] ?? 0 }));
	}

	/** A search asks for estimates more than once. */
	#ask(query: Float32Array): void {
		if (query === this.#asked) return;
		this.#scanner.ask(this.encoder.turn(query));
		this.#asked = query;
	}

	#positionOf(doc: number): number {
		return this.#positions[doc] ?? NOWHERE;
	}
}

function grown(array: Uint32Array<ArrayBuffer>, length: number, filler: number): Uint32Array<ArrayBuffer> {
	if (length <= array.length) return array;
	const longer = new Uint32Array(Math.max(length, Math.ceil(array.length * GROWTH))).fill(filler, array.length);
	longer.set(array);
	return longer;
}
