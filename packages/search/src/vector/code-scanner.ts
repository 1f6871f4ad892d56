import { KERNEL } from "./kernel.generated.ts";
import { EXCLUDED } from "./plain-kernel.ts";

/**
 * A growing array of codes in the memory of the WebAssembly kernel, and the search for the nearest of them. Positions
 * are dense: removing one moves the last into its place.
 */

interface KernelExports {
	scan(
		codes: number,
		count: number,
		blocks: number,
		query: number,
		allowed: number,
		distances: number,
		histogram: number,
	): void;
	collect(distances: number, count: number, threshold: number, limit: number, out: number): number;
}

const PAGE_BYTES = 65_536;
const BLOCK_BYTES = 16;
const FIRST_CAPACITY = 1024;
/** Room for growth: codes are most of the memory, so not much more than is needed. */
const GROWTH = 1.25;
/** Most positions that one search can give. */
export const MAX_NEAREST = 16_384;

/** Byte offsets into the kernel's memory. Codes come last, so that growing moves nothing but the parts before them. */
interface Layout {
	readonly query: number;
	readonly histogram: number;
	readonly out: number;
	readonly allowed: number;
	readonly distances: number;
	readonly codes: number;
	readonly end: number;
}

export class CodeScanner {
	#memory: WebAssembly.Memory;
	#kernel: KernelExports;
	#layout: Layout;
	#capacity = FIRST_CAPACITY;
	#count = 0;

	/** @param codeBytes length of a code, a multiple of 16 */
	constructor(readonly codeBytes: number) {
		if (codeBytes % BLOCK_BYTES !== 0) throw new RangeError(`a code of ${codeBytes} bytes is no multiple of 16`);
		this.#layout = layOut(codeBytes, this.#capacity);
		this.#memory = new WebAssembly.Memory({ initial: pages(this.#layout.end) });
		this.#kernel = instantiate(this.#memory);
	}

	/** How many codes there are. */
	get count(): number {
		return this.#count;
	}

	/** Bytes that the codes and what searching them needs take. */
	get memoryBytes(): number {
		return this.#memory.buffer.byteLength;
	}

	/** The codes themselves, one after the other. Not to be kept: adding a code may move them. */
	get codes(): Uint8Array {
		return new Uint8Array(this.#memory.buffer, this.#layout.codes, this.#count * this.codeBytes);
	}

	/** Add a code at the end. */
	push(code: Uint8Array): void {
		if (code.length !== this.codeBytes) throw new RangeError(`a code of ${code.length} bytes, not ${this.codeBytes}`);
		this.reserve(this.#count + 1);
		new Uint8Array(this.#memory.buffer).set(code, this.#layout.codes + this.#count * this.codeBytes);
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
		const before = this.#layout;
		const after = layOut(this.codeBytes, capacity);
		const missing = pages(after.end) - this.#memory.buffer.byteLength / PAGE_BYTES;
		if (missing > 0) this.#memory.grow(missing);
		new Uint8Array(this.#memory.buffer).copyWithin(
			after.codes,
			before.codes,
			before.codes + this.#count * this.codeBytes,
		);
		this.#capacity = capacity;
		this.#layout = after;
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
		const { buffer } = this.#memory;
		const layout = this.#layout;
		new Uint8Array(buffer, layout.query, this.codeBytes).set(query);
		this.#allow(new Uint8Array(buffer, layout.allowed, Math.ceil(this.#count / 8)), isAllowed);
		const histogram = new Uint32Array(buffer, layout.histogram, this.codeBytes * 8 + 1);
		histogram.fill(0);
		const blocks = this.codeBytes / BLOCK_BYTES;
		this.#kernel.scan(
			layout.codes,
			this.#count,
			blocks,
			layout.query,
			layout.allowed,
			layout.distances,
			layout.histogram,
		);
		const threshold = thresholdFor(histogram, wanted);
		const found = this.#kernel.collect(layout.distances, this.#count, threshold, wanted, layout.out);
		return new Uint32Array(buffer, layout.out, found).slice();
	}

	#allow(bitmap: Uint8Array, isAllowed: ((position: number) => boolean) | undefined): void {
		bitmap.fill(isAllowed ? 0 : 0xff);
		if (!isAllowed) return;
		for (let at = 0; at < this.#count; at++)
			if (isAllowed(at)) bitmap[at >> 3] = (bitmap[at >> 3] ?? 0) | (1 << (at & 7));
	}
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

function layOut(codeBytes: number, capacity: number): Layout {
	let end = 0;
	const take = (bytes: number) => {
		const start = end;
		end = Math.ceil((start + bytes) / BLOCK_BYTES) * BLOCK_BYTES;
		return start;
	};
	const query = take(codeBytes);
	const histogram = take((codeBytes * 8 + 1) * 4);
	const out = take(MAX_NEAREST * 4);
	const allowed = take(Math.ceil(capacity / 8));
	const distances = take(capacity * 2);
	const codes = take(capacity * codeBytes);
	return { query, histogram, out, allowed, distances, codes, end };
}

function pages(bytes: number): number {
	return Math.ceil(bytes / PAGE_BYTES);
}

let compiled: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): KernelExports {
	compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, "base64"));
	const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
	if (!isKernel(exports)) throw new Error("the kernel lacks one of its functions; run npm run build:kernel");
	return exports;
}

function isKernel(exports: object): exports is KernelExports {
	return "scan" in exports && "collect" in exports;
}
