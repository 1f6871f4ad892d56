import { keepScratch, scratchWith } from "./scratch-kernel.ts";

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

/** Encoders by the length of their vectors. */
const encoders = new Map<number, CodeEncoder>();

/** The encoder of vectors of `dimensions` numbers: one serves all, and what it needs is never given back. */
export function encoderOf(dimensions: number): CodeEncoder {
	const known = encoders.get(dimensions);
	if (known) return known;
	const encoder = new CodeEncoder(dimensions);
	encoders.set(dimensions, encoder);
	return encoder;
}

export class CodeEncoder {
	readonly bits: number;
	/** Length of a code. */
	readonly bytes: number;
	/** Addresses of what the numbers are multiplied by in each round, in the kernel's memory. */
	readonly #factors: readonly number[];
	readonly #span: number;

	/** Use `encoderOf`. */
	constructor(readonly dimensions: number) {
		this.bits = Math.max(MIN_BITS, Math.ceil(dimensions / BLOCK_BITS) * BLOCK_BITS);
		this.bytes = this.bits / 8;
		this.#span = 2 ** Math.floor(Math.log2(this.bits));
		this.#factors = Array.from({ length: ROUNDS }, () => keepScratch(this.bits * FLOAT_BYTES));
		const { buffer } = scratchWith(0);
		this.#factors.forEach((address, round) => {
			new Float32Array(buffer, address, this.bits).set(this.#factorsOf(round));
		});
	}

	/** The code of a vector of `dimensions` numbers. */
	encode(vector: Float32Array): Uint8Array {
		const turned = this.turn(vector);
		const code = turned.byteOffset + turned.byteLength;
		const { kernel, buffer } = scratchWith(turned.byteLength + this.bytes);
		kernel.encode(turned.byteOffset, this.bits, code);
		return new Uint8Array(buffer, code, this.bytes).slice();
	}

	/** The vector, turned as its code is. The result is overwritten by whatever is computed next. */
	turn(vector: Float32Array): Float32Array {
		const { kernel, buffer, start } = scratchWith(this.bits * FLOAT_BYTES + this.bytes);
		const turned = new Float32Array(buffer, start, this.bits);
		turned.set(vector);
		turned.fill(0, vector.length);
		for (let round = 0; round < ROUNDS; round++) {
			kernel.turn(start, this.#factors[round] ?? 0, this.bits, this.#startOf(round), this.#span);
		}
		return turned;
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
