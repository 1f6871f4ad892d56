import { growMemory, instantiateKernel, type Kernel, Layout, newMemory } from "./kernel.ts";

/** The kernel compares 16 numbers at a time. */
const BLOCK = 16;
const FLOAT_BYTES = 4;
const FIRST_CAPACITY = 256;
/** Most slots that are compared at once. */
const MAX_COMPARED = 1024;

/** Compact vectors of one length in the memory of the WebAssembly kernel, by the number of the slot that each is in. */
export class VectorSlots {
	/** Bytes that a vector takes. */
	readonly stride: number;
	readonly #memory: WebAssembly.Memory;
	readonly #kernel: Kernel;
	/** Addresses in the kernel's memory. Vectors come last, so that growing moves nothing. */
	readonly #places: { query: number; slots: number; cosines: number; vectors: number };
	#capacity = FIRST_CAPACITY;

	constructor(readonly dimensions: number) {
		this.stride = Math.ceil(dimensions / BLOCK) * BLOCK;
		const layout = new Layout();
		this.#places = {
			query: layout.take(this.stride * FLOAT_BYTES),
			slots: layout.take(MAX_COMPARED * FLOAT_BYTES),
			cosines: layout.take(MAX_COMPARED * FLOAT_BYTES),
			vectors: layout.end,
		};
		this.#memory = newMemory(layout.end + this.#capacity * this.stride);
		this.#kernel = instantiateKernel(this.#memory);
	}

	/** Put a vector of `dimensions` signed bytes into a slot. */
	put(slot: number, vector: Uint8Array): void {
		if (slot >= this.#capacity) this.#grow(slot + 1);
		new Uint8Array(this.#memory.buffer, this.#places.vectors + slot * this.stride, this.stride).set(vector);
	}

	/** The cosines of the vectors in some slots with a query of `dimensions` numbers, from -1 to 1, in the order given. */
	cosines(query: Float32Array, slots: readonly number[]): Float32Array {
		this.#ask(query);
		const { query: numbers, slots: at, cosines, vectors } = this.#places;
		const found = new Float32Array(slots.length);
		for (let from = 0; from < slots.length; from += MAX_COMPARED) {
			const some = slots.slice(from, from + MAX_COMPARED);
			new Uint32Array(this.#memory.buffer, at, some.length).set(some);
			this.#kernel.compare(vectors, this.stride, at, some.length, numbers, cosines);
			found.set(new Float32Array(this.#memory.buffer, cosines, some.length), from);
		}
		return found;
	}

	/** Take a query, at length 1. */
	#ask(query: Float32Array): void {
		const numbers = new Float32Array(this.#memory.buffer, this.#places.query, this.stride);
		let square = 0;
		for (let at = 0; at < query.length; at++) square += (query[at] ?? 0) ** 2;
		const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
		for (let at = 0; at < query.length; at++) numbers[at] = (query[at] ?? 0) * scale;
	}

	#grow(length: number): void {
		this.#capacity = Math.max(length, 2 * this.#capacity);
		growMemory(this.#memory, this.#places.vectors + this.#capacity * this.stride);
	}
}
