import type { EncodedDocument, VectorModel } from "@signet/db";
import { CodeEncoder, codeOf } from "./code-encoder.ts";
import { CodeScanner } from "./code-scanner.ts";
import { CodeEstimator } from "./estimate.ts";

/** Codes compared with the query's numbers for each document that is wanted (docs/decisions). */
const SCANNED_PER_WANTED = 8;

/** The codes of one model in memory, and the search for the documents whose vectors are nearest to a query's. */
export class VectorIndex {
	readonly encoder: CodeEncoder;
	readonly #scanner: CodeScanner;
	/** The document at each position. */
	#docs = new Uint32Array(1024);

	constructor(readonly model: VectorModel) {
		this.encoder = new CodeEncoder(model.dimensions);
		this.#scanner = new CodeScanner(this.encoder.bytes);
	}

	/** How many documents there are. */
	get count(): number {
		return this.#scanner.count;
	}

	/** Bytes of memory that the index takes. */
	get memoryBytes(): number {
		return this.#scanner.memoryBytes + this.#docs.byteLength;
	}

	/** Make room for `count` documents in all. */
	reserve(count: number): void {
		this.#scanner.reserve(count);
		if (count <= this.#docs.length) return;
		const grown = new Uint32Array(Math.max(count, Math.ceil(this.#docs.length * 1.25)));
		grown.set(this.#docs);
		this.#docs = grown;
	}

	/** Add documents. None of them may be there already. */
	add(documents: readonly EncodedDocument[]): void {
		this.reserve(this.count + documents.length);
		for (const { doc, code } of documents) {
			this.#docs[this.count] = doc;
			this.#scanner.push(code);
		}
	}

	has(doc: number): boolean {
		return this.#positionOf(doc) >= 0;
	}

	/** Remove a document, if it is there. */
	remove(doc: number): void {
		const position = this.#positionOf(doc);
		if (position < 0) return;
		this.#docs[position] = this.#docs[this.count - 1] ?? 0;
		this.#scanner.removeAt(position);
	}

	/**
	 * About `limit` documents whose vectors are likely the nearest by angle, the likeliest first. Exact order needs the
	 * vectors themselves.
	 *
	 * @param isAllowed documents that may be found; all, when it is left out
	 */
	nearest(query: ArrayLike<number>, limit: number, isAllowed?: (doc: number) => boolean): number[] {
		const turned = this.encoder.turn(query);
		const positions = this.#scanner.nearest(
			codeOf(turned),
			limit * SCANNED_PER_WANTED,
			isAllowed && ((position) => isAllowed(this.#docs[position] ?? 0)),
		);
		const estimator = new CodeEstimator(turned);
		const { codes } = this.#scanner;
		const bytes = this.encoder.bytes;
		return Array.from(positions, (position) => ({
			doc: this.#docs[position] ?? 0,
			estimate: estimator.estimate(codes, position * bytes, bytes),
		}))
			.sort((a, b) => b.estimate - a.estimate || a.doc - b.doc)
			.slice(0, limit)
			.map(({ doc }) => doc);
	}

	#positionOf(doc: number): number {
		return this.#docs.subarray(0, this.count).indexOf(doc);
	}
}
