import type { Timer, Timers } from "@signet/core";
import { type Reader, readVectors, type VectorModel } from "@signet/db";
import { VectorSlots } from "./vector-slots.ts";

/** The vectors of about 20,000 texts, of 768 numbers each. */
const MAX_BYTES = 16 * 1024 * 1024;
/** After this long without a question the memory is given back. */
const IDLE_MS = 10_000;
const NO_DOCUMENT = 0;

/**
 * Vectors of one model that were compared lately: to read them takes longer than all else about them. What a document
 * says never changes, so that none is ever stale.
 */
export class VectorCache {
	#kept: KeptVectors | undefined;
	#timer: Timer | undefined;
	#isUsed = false;

	constructor(
		readonly model: VectorModel,
		private readonly timers: Pick<Timers, "after">,
		private readonly maxBytes = MAX_BYTES,
	) {}

	/** Bytes that the vectors take. */
	get bytes(): number {
		return this.#kept?.bytes ?? 0;
	}

	/** The cosines of documents with a query, from -1 to 1; those that have no vector of the model are left out. */
	async similarities(reader: Reader, query: Float32Array, docs: readonly number[]): Promise<Map<number, number>> {
		this.#isUsed = true;
		this.#timer ??= this.timers.after(IDLE_MS, () => this.#check());
		this.#kept ??= new KeptVectors(this.model.dimensions, this.maxBytes);
		const kept = this.#kept;
		const similarities = new Map<number, number>();
		const missing = kept.compare(query, docs, similarities);
		for (let at = 0; at < missing.length; at += kept.capacity) {
			const some = missing.slice(at, at + kept.capacity);
			const read = await readVectors(reader, this.model, some);
			for (const { doc, vector } of read) kept.add(doc, vector);
			kept.compare(query, some, similarities);
		}
		return similarities;
	}

	/** Forget the vectors of documents that are gone. */
	remove(docs: readonly number[]): void {
		for (const doc of docs) this.#kept?.remove(doc);
	}

	#check(): void {
		this.#timer = this.#isUsed ? this.timers.after(IDLE_MS, () => this.#check()) : undefined;
		if (!this.#isUsed) this.#kept = undefined;
		this.#isUsed = false;
	}
}

/** As many vectors as there is room for. Which one goes for a new one is decided by the clock algorithm (Corbató 1968). */
class KeptVectors {
	readonly capacity: number;
	readonly #slots: VectorSlots;
	readonly #slotOf = new Map<number, number>();
	/** The document in each slot. */
	readonly #docs: Int32Array;
	/** Which slots were asked for since the hand went by. */
	readonly #isAsked: Uint8Array;
	#hand = 0;

	constructor(dimensions: number, maxBytes: number) {
		this.#slots = new VectorSlots(dimensions);
		this.capacity = Math.max(1, Math.floor(maxBytes / this.#slots.stride));
		this.#docs = new Int32Array(this.capacity);
		this.#isAsked = new Uint8Array(this.capacity);
	}

	get bytes(): number {
		return this.#slotOf.size * this.#slots.stride;
	}

	/** Adds the cosines of those documents whose vectors are here; gives the others. */
	compare(query: Float32Array, docs: readonly number[], similarities: Map<number, number>): number[] {
		const known: number[] = [];
		const slots: number[] = [];
		const missing: number[] = [];
		for (const doc of docs) {
			const slot = this.#slotOf.get(doc);
			if (slot === undefined) {
				missing.push(doc);
				continue;
			}
			this.#isAsked[slot] = 1;
			known.push(doc);
			slots.push(slot);
		}
		if (slots.length === 0) return missing;
		const cosines = this.#slots.cosines(query, slots);
		for (let at = 0; at < known.length; at++) similarities.set(known[at] ?? NO_DOCUMENT, cosines[at] ?? 0);
		return missing;
	}

	add(doc: number, vector: Uint8Array): void {
		if (this.#slotOf.has(doc)) return;
		const slot = this.#freeSlot();
		this.#slotOf.delete(this.#docs[slot] ?? NO_DOCUMENT);
		this.#docs[slot] = doc;
		this.#isAsked[slot] = 1;
		this.#slotOf.set(doc, slot);
		this.#slots.put(slot, vector);
	}

	remove(doc: number): void {
		const slot = this.#slotOf.get(doc);
		if (slot === undefined) return;
		this.#slotOf.delete(doc);
		this.#docs[slot] = NO_DOCUMENT;
		this.#isAsked[slot] = 0;
	}

	/** The next slot that was not asked for since the last time round. */
	#freeSlot(): number {
		for (;;) {
			const slot = this.#hand;
			this.#hand = (this.#hand + 1) % this.capacity;
			if (this.#isAsked[slot] === 0) return slot;
			this.#isAsked[slot] = 0;
		}
	}
}
