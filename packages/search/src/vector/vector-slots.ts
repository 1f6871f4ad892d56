import { Layout } from "./kernel.ts";
import { scratchWith } from "./scratch-kernel.ts";

/** The kernel compares 16 numbers at a time. */
const BLOCK = 16;
const FLOAT_BYTES = 4;
const FIRST_CAPACITY = 256;
/** Most slots that are compared at once. */
const MAX_COMPARED = 1024;

/** Compact vectors of one length, by the number of the slot that each is in. */
export class VectorSlots {
	/** Bytes that a vector takes. */
	readonly stride: number;
	#vectors: Uint8Array;

	constructor(readonly dimensions: number) {
		this.stride = Math.ceil(dimensions / BLOCK) * BLOCK;
		this.#vectors = new Uint8Array(FIRST_CAPACITY * this.stride);
	}

	/** Put a vector of `dimensions` signed bytes into a slot. */
	put(slot: number, vector: Uint8Array): void {
		const start = slot * this.stride;
		if (start + this.stride > this.#vectors.length) this.#grow(start + this.stride);
		this.#vectors.set(vector, start);
	}

	/** The cosines of the vectors in some slots with a query of `dimensions` numbers, from -1 to 1, in the order given. */
	cosines(query: Float32Array, slots: readonly number[]): Float32Array {
		const found = new Float32Array(slots.length);
		for (let from = 0; from < slots.length; from += MAX_COMPARED) {
			found.set(this.#compare(query, slots.slice(from, from + MAX_COMPARED)), from);
		}
		return found;
	}

	#compare(query: Float32Array, slots: readonly number[]): Float32Array {
		const layout = new Layout();
		const numbers = layout.take(this.stride * FLOAT_BYTES);
		const order = layout.take(slots.length * FLOAT_BYTES);
		const cosines = layout.take(slots.length * FLOAT_BYTES);
		const vectors = layout.take(slots.length * this.stride);
		const { kernel, buffer, start } = scratchWith(layout.end);
		putAtLengthOne(query, new Float32Array(buffer, start + numbers, this.stride));
		const places = new Uint32Array(buffer, start + order, slots.length);
		const copies = new Uint8Array(buffer, start + vectors, slots.length * this.stride);
		for (let at = 0; at < slots.length; at++) {
			const from = (slots[at] ?? 0) * this.stride;
			places[at] = at;
			copies.set(this.#vectors.subarray(from, from + this.stride), at * this.stride);
		}
		kernel.compare(start + vectors, this.stride, start + order, slots.length, start + numbers, start + cosines);
		return new Float32Array(buffer, start + cosines, slots.length);
	}

	#grow(length: number): void {
		const larger = new Uint8Array(Math.max(length, 2 * this.#vectors.length));
		larger.set(this.#vectors);
		this.#vectors = larger;
	}
}

/** The query at length 1, filled up with zeros. */
function putAtLengthOne(query: Float32Array, numbers: Float32Array): void {
	let square = 0;
	for (let at = 0; at < query.length; at++) square += (query[at] ?? 0) ** 2;
	const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
	for (let at = 0; at < query.length; at++) numbers[at] = (query[at] ?? 0) * scale;
	numbers.fill(0, query.length);
}
