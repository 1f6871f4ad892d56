import type { Timer, Timers } from "@signet/core";
import { type CompactVector, type Reader, readVectors, type VectorModel } from "@signet/db";

/** The vectors of about 20,000 texts of the embedded model. */
const MAX_BYTES = 16 * 1024 * 1024;
/** After this long without a question the memory is given back. */
const IDLE_MS = 20_000;

/**
 * Vectors of one model that were compared lately: to read them is a third of the time that recall takes. What a document
 * says never changes, so that none is ever stale.
 */
export class VectorCache {
	/** The one that was used last comes last. */
	readonly #vectors = new Map<number, Uint8Array>();
	#bytes = 0;
	#timer: Timer | undefined;
	#isUsed = false;

	constructor(
		private readonly timers: Pick<Timers, "after">,
		private readonly maxBytes = MAX_BYTES,
	) {}

	/** Bytes that the vectors take. */
	get bytes(): number {
		return this.#bytes;
	}

	/** The vectors of documents; those that have none of the model are left out. */
	async read(reader: Reader, model: VectorModel, docs: readonly number[]): Promise<CompactVector[]> {
		this.#isUsed = true;
		this.#timer ??= this.timers.after(IDLE_MS, () => this.#check());
		const known: CompactVector[] = [];
		const missing: number[] = [];
		for (const doc of docs) {
			const vector = this.#vectors.get(doc);
			if (!vector) {
				missing.push(doc);
				continue;
			}
			this.#vectors.delete(doc);
			this.#vectors.set(doc, vector);
			known.push({ doc, vector });
		}
		const read = await readVectors(reader, model, missing);
		for (const { doc, vector } of read) this.#add(doc, vector);
		return [...known, ...read];
	}

	/** Forget the vectors of documents that are gone. */
	remove(docs: readonly number[]): void {
		for (const doc of docs) {
			this.#bytes -= this.#vectors.get(doc)?.length ?? 0;
			this.#vectors.delete(doc);
		}
	}

	#add(doc: number, vector: Uint8Array): void {
		if (this.#vectors.has(doc)) return;
		this.#vectors.set(doc, vector);
		this.#bytes += vector.length;
		for (const oldest of this.#vectors.keys()) {
			if (this.#bytes <= this.maxBytes) return;
			this.remove([oldest]);
		}
	}

	#check(): void {
		this.#timer = this.#isUsed ? this.timers.after(IDLE_MS, () => this.#check()) : undefined;
		if (!this.#isUsed) this.remove([...this.#vectors.keys()]);
		this.#isUsed = false;
	}
}
