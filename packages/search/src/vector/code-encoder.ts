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

export class CodeEncoder {
	readonly bits: number;
	/** Length of a code. */
	readonly bytes: number;
	readonly #signs: readonly Int8Array[];
	readonly #turned: Float32Array;

	constructor(readonly dimensions: number) {
		this.bits = Math.max(MIN_BITS, Math.ceil(dimensions / BLOCK_BITS) * BLOCK_BITS);
		this.bytes = this.bits / 8;
		this.#signs = Array.from({ length: ROUNDS }, (_, round) => signFlips(this.bits, round));
		this.#turned = new Float32Array(this.bits);
	}

	/** The code of a vector of `dimensions` numbers. */
	encode(vector: ArrayLike<number>): Uint8Array {
		return codeOf(this.turn(vector));
	}

	/** The vector, turned as its code is. The result is overwritten by the next call. */
	turn(vector: ArrayLike<number>): Float32Array {
		const turned = this.#turned;
		turned.fill(0);
		for (let at = 0; at < this.dimensions; at++) turned[at] = vector[at] ?? 0;
		const span = 2 ** Math.floor(Math.log2(this.bits));
		this.#signs.forEach((signs, round) => {
			for (let at = 0; at < turned.length; at++) turned[at] = (turned[at] ?? 0) * (signs[at] ?? 1);
			// The transform wants a power of two: where the code is longer, rounds take its beginning and its end in turn.
			transform(turned, round % 2 === 0 ? 0 : this.bits - span, span);
		});
		return turned;
	}
}

/** The sign of each number as a bit, 1 for what is above zero. */
export function codeOf(turned: Float32Array): Uint8Array {
	const code = new Uint8Array(turned.length / 8);
	for (let at = 0; at < turned.length; at++)
		if ((turned[at] ?? 0) > 0) code[at >> 3] = (code[at >> 3] ?? 0) | (1 << (at & 7));
	return code;
}

/** In-place fast Walsh-Hadamard transform of `span` numbers (a power of two), scaled to keep lengths. */
function transform(numbers: Float32Array, start: number, span: number): void {
	for (let half = 1; half < span; half *= 2) {
		for (let block = start; block < start + span; block += 2 * half) {
			for (let at = block; at < block + half; at++) {
				const a = numbers[at] ?? 0;
				const b = numbers[at + half] ?? 0;
				numbers[at] = a + b;
				numbers[at + half] = a - b;
			}
		}
	}
	const scale = 1 / Math.sqrt(span);
	for (let at = start; at < start + span; at++) numbers[at] = (numbers[at] ?? 0) * scale;
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
