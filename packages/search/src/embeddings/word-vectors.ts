import { hashOf } from "./word-hash.ts";

/**
 * Words with the direction of their meaning and what they count in a text, as `npm run train:embedding` leaves them in
 * a file. Its numbers are little-endian:
 *
 * | bytes | |
 * | --- | --- |
 * | 0–7 | `SGNWORDS` |
 * | 8–11, 12–15, 16–19 | version of the format; numbers in a vector; words |
 * | 32–63 | SHA-256 of what follows |
 * | 4 a word | hashes of the words, ascending |
 * | 1 a word | what the word counts, 255 for 1 |
 * | ¼ a number | the vectors, two bits a number, the lowest bits first |
 */

export const HEADER_BYTES = 64;
const MAGIC = "SGNWORDS";
const FORMAT = 1;
const SEED = 0x3c6ef372;
const HIGHEST_WEIGHT = 255;

/** What two bits stand for: the four steps that fit a normal distribution best (Max 1960), but for a common factor. */
const LEVELS = [-10, -3, 3, 10] as const;
/** Where one step ends and the next begins, in standard deviations. */
const STEP = 0.9816;

export function wordHash(word: string): number {
	return hashOf(word, SEED);
}

export interface WordVector {
	readonly hash: number;
	/** From 0 to 1. */
	readonly weight: number;
	/** Only its direction counts; about normally distributed. */
	readonly vector: ArrayLike<number>;
}

export class WordVectors {
	readonly #view: DataView;

	private constructor(
		readonly dimensions: number,
		readonly size: number,
		private readonly bytes: Uint8Array,
	) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** Throws when these are not the bytes of such a file. */
	static read(bytes: Uint8Array): WordVectors {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const isOurs = bytes.length >= HEADER_BYTES && Buffer.from(bytes.subarray(0, MAGIC.length)).toString() === MAGIC;
		if (!isOurs || view.getUint32(8, true) !== FORMAT) throw new Error("these are no word vectors that can be read");
		const dimensions = view.getUint32(12, true);
		const size = view.getUint32(16, true);
		if (bytes.length !== HEADER_BYTES + size * (5 + dimensions / 4)) throw new Error("the word vectors are cut off");
		return new WordVectors(dimensions, size, bytes);
	}

	/** The bytes of the file. @param words in any order, with different hashes */
	static write(words: readonly WordVector[], dimensions: number): Uint8Array {
		const bytes = new Uint8Array(HEADER_BYTES + words.length * (5 + dimensions / 4));
		bytes.set(new TextEncoder().encode(MAGIC));
		const view = new DataView(bytes.buffer);
		for (const [at, number] of [FORMAT, dimensions, words.length].entries()) view.setUint32(8 + 4 * at, number, true);
		const written = new WordVectors(dimensions, words.length, bytes);
		for (const [at, word] of words.toSorted((a, b) => a.hash - b.hash).entries()) {
			view.setUint32(HEADER_BYTES + 4 * at, word.hash, true);
			bytes[written.#weightAt(at)] = Math.round(word.weight * HIGHEST_WEIGHT);
			bytes.set(encode(word.vector), written.#vectorAt(at));
		}
		bytes.set(digest(bytes), HEADER_BYTES / 2);
		return bytes;
	}

	/** Whether nothing was changed since the file was written. */
	get isWhole(): boolean {
		return Buffer.compare(this.bytes.subarray(HEADER_BYTES / 2, HEADER_BYTES), digest(this.bytes)) === 0;
	}

	/** The place of a word; undefined when it is not known. */
	find(word: string): number | undefined {
		const hash = wordHash(word);
		let low = 0;
		let high = this.size - 1;
		while (low <= high) {
			const middle = (low + high) >>> 1;
			const found = this.#view.getUint32(HEADER_BYTES + 4 * middle, true);
			if (found === hash) return middle;
			if (found < hash) low = middle + 1;
			else high = middle - 1;
		}
		return undefined;
	}

	/** What the word at that place counts, from 0 to 1. */
	weight(place: number): number {
		return (this.bytes[this.#weightAt(place)] ?? 0) / HIGHEST_WEIGHT;
	}

	/** Add the vector of the word at that place, made `length` long, to the beginning of `sum`. */
	addTo(sum: Float64Array, place: number, length: number): void {
		const start = this.#vectorAt(place);
		const end = start + this.dimensions / 4;
		let square = 0;
		for (let at = start; at < end; at++) square += SQUARES[this.bytes[at] ?? 0] ?? 0;
		const scale = length / Math.sqrt(square);
		for (let at = start, number = 0; at < end; at++, number += 4) {
			const levels = 4 * (this.bytes[at] ?? 0);
			sum[number] = (sum[number] ?? 0) + scale * (QUARTETS[levels] ?? 0);
			sum[number + 1] = (sum[number + 1] ?? 0) + scale * (QUARTETS[levels + 1] ?? 0);
			sum[number + 2] = (sum[number + 2] ?? 0) + scale * (QUARTETS[levels + 2] ?? 0);
			sum[number + 3] = (sum[number + 3] ?? 0) + scale * (QUARTETS[levels + 3] ?? 0);
		}
	}

	#weightAt(place: number): number {
		return HEADER_BYTES + 4 * this.size + place;
	}

	#vectorAt(place: number): number {
		return HEADER_BYTES + 5 * this.size + (place * this.dimensions) / 4;
	}
}

/** For each byte, the four numbers in it, and the sum of their squares. */
const QUARTETS = Float64Array.from({ length: 4 * 256 }, (_, at) => LEVELS[((at >>> 2) >>> (2 * (at & 3))) & 3] ?? 0);
const SQUARES = Float64Array.from({ length: 256 }, (_, code) =>
	QUARTETS.subarray(4 * code, 4 * code + 4).reduce((sum, level) => sum + level * level, 0),
);

function encode(vector: ArrayLike<number>): Uint8Array {
	const numbers = Float64Array.from(vector);
	const deviation = Math.sqrt(numbers.reduce((square, number) => square + number * number, 0) / numbers.length);
	const codes = new Uint8Array(numbers.length / 4);
	for (const [at, number] of numbers.entries()) {
		const isLarge = Math.abs(number) > STEP * deviation;
		const code = number < 0 ? (isLarge ? 0 : 1) : isLarge ? 3 : 2;
		codes[at >>> 2] = (codes[at >>> 2] ?? 0) | (code << (2 * (at & 3)));
	}
	return codes;
}

function digest(bytes: Uint8Array): Buffer {
	return new Bun.CryptoHasher("sha256").update(bytes.subarray(HEADER_BYTES)).digest();
}
