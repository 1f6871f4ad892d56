import { instantiateKernel, type Kernel, Layout, newMemory } from "./kernel.ts";

/**
 * Vectors as 1-bit codes: turn the vector, keep the sign of each number. Two codes differ in about as many bits as the
 * angle between their vectors asks for, so the nearest codes are, with room to spare, the nearest vectors.
 *
 * The turn matters: hashed vectors are zero almost everywhere, and the sign of a zero says nothing. It is a product of
 * fast Walsh-Hadamard transforms and sign flips, which spreads every number over all of them and keeps all angles.
 * A vector shorter than the code is filled up with zeros first, which gives more bits to tell vectors apart by.
 *
 * Codes are stored. A change here that gives the same vector another code needs a migration that empties `sgn_codes`.
 */

/** Fewer bits than this lose too many neighbours, whatever the length of the vectors (docs/decisions). */
const MIN_BITS = 1024;
/** The kernel compares 128 bits at a time. */
const BLOCK_BITS = 128;
const ROUNDS = 4;
const FLOAT_BYTES = 4;

export class CodeEncoder {
	readonly bits: number;
	/** Length of a code. */
	readonly bytes: number;
	readonly #kernel: Kernel;
	/** In the kernel's memory. */
	readonly #turned: Float32Array;
	readonly #code: Uint8Array;
	/** Addresses of what the numbers are multiplied by in each round. */
	readonly #factors: readonly number[];
	readonly #span: number;

	constructor(readonly dimensions: number) {
		this.bits = Math.max(MIN_BITS, Math.ceil(dimensions / BLOCK_BITS) * BLOCK_BITS);
		this.bytes = this.bits / 8;
		this.#span = 2 ** Math.floor(Math.log2(this.bits));
		const layout = new Layout();
		const turned = layout.take(this.bits * FLOAT_BYTES);
		const code = layout.take(this.bytes);
		this.#factors = Array.from({ length: ROUNDS }, () => layout.take(this.bits * FLOAT_BYTES));
		const memory = newMemory(layout.end);
		this.#kernel = instantiateKernel(memory);
		this.#turned = new Float32Array(memory.buffer, turned, this.bits);
		this.#code = new Uint8Array(memory.buffer, code, this.bytes);
		this.#factors.forEach((address, round) => {
			new Float32Array(memory.buffer, address, this.bits).set(this.#factorsOf(round));
		});
	}

	/** The code of a vector of `dimensions` numbers. */
	encode(vector: Float32Array): Uint8Array {
		this.turn(vector);
		this.#kernel.encode(this.#turned.byteOffset, this.bits, this.#code.byteOffset);
		return this.#code.slice();
	}

	/** The vector, turned as its code is. The result is overwritten by the next call. */
	turn(vector: Float32Array): Float32Array {
		this.#turned.fill(0);
		this.#turned.set(vector);
		this.#factors.forEach((factors, round) => {
			this.#kernel.turn(this.#turned.byteOffset, factors, this.bits, this.#startOf(round), this.#span);
		});
		return this.#turned;
	}

	/** The transform wants a power of two: where the code is longer, rounds take its beginning and its end in turn. */
	#startOf(round: number): number {
		return round % 2 === 0 ? 0 : this.bits - this.#span;
	}

	/** Flips of signs, scaled where the transform follows so that lengths are kept. */
	#factorsOf(round: number): Float32Array {
		const start = this.#startOf(round);
		const scale = 1 / Math.sqrt(this.#span);
		return Float32Array.from(signFlips(this.bits, round), (sign, at) =>
			at >= start && at < start + this.#span ? sign * scale : sign,
		);
	}
}

/** Random looking, and the same for ever: codes are stored. */
function signFlips(length: number, round: number): Int8Array {
	let state = (0x9e3779b9 ^ Math.imul(round + 1, 0x85ebca6b)) >>> 0;
	return Int8Array.from({ length }, () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return state & 1 ? 1 : -1;
	});
}
