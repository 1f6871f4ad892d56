/**
 * Estimating how near a vector is from its code alone, with the query's numbers in full: each bit counts for as much
 * as the query's number in its place is large. Sharper than comparing two codes, and needs no vector to be read.
 */
export class CodeEstimator {
	/** For each byte of a code and each value that it can have: what its eight bits contribute. */
	readonly #table: Float32Array;

	/** @param turned the query, turned as the codes were; of eight numbers for each byte of a code. */
	constructor(turned: Float32Array) {
		this.#table = new Float32Array((turned.length / 8) * 256);
		for (let byte = 0; byte < turned.length / 8; byte++) {
			const row = byte * 256;
			let lowest = 0;
			for (let bit = 0; bit < 8; bit++) lowest -= turned[byte * 8 + bit] ?? 0;
			this.#table[row] = lowest;
			for (let value = 1; value < 256; value++) {
				const bit = 31 - Math.clz32(value & -value);
				const rest = this.#table[row + (value & (value - 1))] ?? 0;
				this.#table[row + value] = rest + 2 * (turned[byte * 8 + bit] ?? 0);
			}
		}
	}

	/** Larger is nearer; comparable only among codes of the same query. */
	estimate(codes: Uint8Array, offset: number, bytes: number): number {
		let sum = 0;
		for (let byte = 0; byte < bytes; byte++) sum += this.#table[(byte << 8) + (codes[offset + byte] ?? 0)] ?? 0;
		return sum;
	}
}
