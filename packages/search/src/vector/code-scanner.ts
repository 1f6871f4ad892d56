import { EXCLUDED, growMemory, instantiateKernel, type Kernel, Layout, newMemory } from "./kernel.ts";

/**
 * A growing array of codes in the memory of the WebAssembly kernel, and the search for the nearest of them. Positions
 * are dense: removing one moves the last into its place.
 */

const BLOCK_BYTES = 16;
const FLOAT_BYTES = 4;
const FIRST_CAPACITY = 1024;
/** Room for growth: codes are most of the memory, so not much more than is needed. */
const GROWTH = 1.25;
/** Which of the two ways to count bits is the faster one here. */
const COUNTS_WORDS = process.arch === "x64";
/** Most positions that one search can give. */
export const MAX_NEAREST = 16_384;

/** Addresses in the kernel's memory. Codes come last, so that growing moves nothing but the parts before them. */
interface Places {
	readonly query: number;
	readonly turned: number;
	readonly table: number;
	readonly histogram: number;
	readonly positions: number;
	readonly estimates: number;
	readonly allowed: number;
	readonly distances: number;
	readonly codes: number;
	readonly end: number;
}

export class CodeScanner {
	readonly #memory: WebAssembly.Memory;
	readonly #kernel: Kernel;
	/** The whole memory. Made anew when that grows. */
	#bytes: Uint8Array<ArrayBuffer>;
	#places: Places;
	#capacity = FIRST_CAPACITY;
	#count = 0;

	/** @param codeBytes length of a code, a multiple of 16 */
	constructor(readonly codeBytes: number) {
		if (codeBytes % BLOCK_BYTES !== 0) throw new RangeError(`a code of ${codeBytes} bytes is no multiple of 16`);
		this.#places = layOut(codeBytes, this.#capacity);
		this.#memory = newMemory(this.#places.end);
		this.#kernel = instantiateKernel(this.#memory);
		this.#bytes = new Uint8Array(this.#memory.buffer);
	}

	/** How many codes there are. */
	get count(): number {
		return this.#count;
	}

	/** Bytes that the codes and what searching them needs take. */
	get memoryBytes(): number {
		return this.#bytes.byteLength;
	}

	/** The codes themselves, one after the other. Not to be kept: adding a code may move them. */
	get codes(): Uint8Array {
		return this.#bytes.subarray(this.#places.codes, this.#places.codes + this.#count * this.codeBytes);
	}

	/** Add a code at the end. */
	push(code: Uint8Array): void {
		if (code.length !== this.codeBytes) throw new RangeError(`a code of ${code.length} bytes, not ${this.codeBytes}`);
		this.reserve(this.#count + 1);
		this.#bytes.set(code, this.#places.codes + this.#count * this.codeBytes);
		this.#count++;
	}

	/** Remove the code at a position; the last one takes its place. */
	removeAt(position: number): void {
		const last = this.#count - 1;
		if (position < 0 || position > last) throw new RangeError(`no code at position ${position}`);
		const start = last * this.codeBytes;
		this.codes.copyWithin(position * this.codeBytes, start, start + this.codeBytes);
		this.#count = last;
	}

	/** Make room for `count` codes in all. */
	reserve(count: number): void {
		if (count <= this.#capacity) return;
		const capacity = Math.max(count, Math.ceil(this.#capacity * GROWTH));
		const before = this.#places;
		const after = layOut(this.codeBytes, capacity);
		growMemory(this.#memory, after.end);
		this.#bytes = new Uint8Array(this.#memory.buffer);
		this.#bytes.copyWithin(after.codes, before.codes, before.codes + this.#count * this.codeBytes);
		this.#capacity = capacity;
		this.#places = after;
	}

	/**
	 * Positions of the `limit` codes with the fewest bits different from the query's, in the order of their positions
	 * except that those at the greatest distance come last. Among equals at that distance the first win.
	 *
	 * @param isAllowed positions that may be found; all, when it is left out
	 */
	nearest(query: Uint8Array, limit: number, isAllowed?: (position: number) => boolean): Uint32Array {
		const wanted = Math.min(limit, this.#count, MAX_NEAREST);
		if (wanted <= 0) return new Uint32Array();
		const places = this.#places;
		this.#bytes.set(query, places.query);
		if (isAllowed) this.#allow(isAllowed);
		const histogram = new Uint32Array(this.#memory.buffer, places.histogram, this.codeBytes * 8 + 1);
		histogram.fill(0);
		const scan = COUNTS_WORDS ? this.#kernel.scanByWords : this.#kernel.scan;
		scan(
			places.codes,
			this.#count,
			this.codeBytes / BLOCK_BYTES,
			places.query,
			isAllowed ? places.allowed : 0,
			places.distances,
			places.histogram,
		);
		const threshold = thresholdFor(histogram, wanted);
		const found = this.#kernel.collect(places.distances, this.#count, threshold, wanted, places.positions);
		return new Uint32Array(this.#memory.buffer, places.positions, found).slice();
	}

	/**
	 * Take a query for the estimates that follow.
	 *
	 * @param turned turned as the codes were; eight numbers for each byte of a code
	 */
	ask(turned: Float32Array): void {
		const { table, turned: numbers } = this.#places;
		const scaled = new Float32Array(this.#memory.buffer, numbers, turned.length);
		scaled.set(turned);
		scale(scaled);
		this.#kernel.tabulate(numbers, this.codeBytes, table);
	}

	/**
	 * How near vectors are to the query that was asked last, from their codes alone but with the query's numbers in full:
	 * each bit counts for as much as the query's number in its place is large. Sharper than comparing two codes, and needs
	 * no vector to be read.
	 *
	 * @param positions at most `MAX_NEAREST`
	 * @returns about the cosines, from -1 to 1. Not to be kept: the next call overwrites it.
	 */
	estimates(positions: Uint32Array): Float32Array {
		const { table, codes, positions: place, estimates } = this.#places;
		const { buffer } = this.#memory;
		new Uint32Array(buffer, place, positions.length).set(positions);
		this.#kernel.estimate(codes, this.codeBytes, place, positions.length, table, estimates);
		return new Float32Array(buffer, estimates, positions.length);
	}

	#allow(isAllowed: (position: number) => boolean): void {
		const start = this.#places.allowed;
		const bitmap = this.#bytes.subarray(start, start + Math.ceil(this.#count / 8));
		bitmap.fill(0);
		for (let at = 0; at < this.#count; at++)
			if (isAllowed(at)) bitmap[at >> 3] = (bitmap[at >> 3] ?? 0) | (1 << (at & 7));
	}
}

/**
 * Make the sum of a query's numbers, each with the sign that another vector has in its place, about their cosine. A
 * turned vector's numbers are about normally distributed, so the sum of the signs' share is the cosine times the square
 * root of 2n/π, for queries of length 1.
 */
function scale(turned: Float32Array): void {
	let square = 0;
	for (let at = 0; at < turned.length; at++) square += (turned[at] ?? 0) ** 2;
	const factor = square > 0 ? Math.sqrt(Math.PI / (2 * turned.length * square)) : 0;
	for (let at = 0; at < turned.length; at++) turned[at] = (turned[at] ?? 0) * factor;
}

/** The least distance within which there are `wanted` codes, or the greatest when there are fewer. */
function thresholdFor(histogram: Uint32Array, wanted: number): number {
	let within = 0;
	for (let distance = 0; distance < histogram.length; distance++) {
		within += histogram[distance] ?? 0;
		if (within >= wanted) return distance;
	}
	return EXCLUDED - 1;
}

function layOut(codeBytes: number, capacity: number): Places {
	const layout = new Layout();
	return {
		query: layout.take(codeBytes),
		turned: layout.take(codeBytes * 8 * FLOAT_BYTES),
		table: layout.take(codeBytes * 256 * FLOAT_BYTES),
		histogram: layout.take((codeBytes * 8 + 1) * 4),
		positions: layout.take(2 * MAX_NEAREST * 4),
		estimates: layout.take(MAX_NEAREST * FLOAT_BYTES),
		allowed: layout.take(Math.ceil(capacity / 8)),
		distances: layout.take(capacity * 2),
		codes: layout.take(capacity * codeBytes),
		end: layout.end,
	};
}
