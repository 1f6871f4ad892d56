import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folderOf, TRIGRAMS } from "./sources.ts";

/**
 * The language model of a speech recogniser: for the commonest pairs and triples of words, how likely the last follows
 * the others. The file is the binary trie of SphinxBase: a header, tables of the logarithms that occur, the single
 * words, then pairs and triples as packed bits, filed under their last word.
 */

const MAGIC = "Trie Language Model";
const ORDER = 3;
/** Of the tables, in entries of four bytes. */
const TABLE_LENGTH = 65_536;
/** Probabilities are stored as logarithms to this base. */
const LOG_BASE = 1.0001;
/** A code of the table of back-off weights, which we leave out, and one of a table of probabilities. */
const BACK_OFF_BITS = 16;
const PROBABILITY_BITS = 16;

export interface Trigrams {
	readonly words: readonly string[];
	/** How likely each word is. */
	readonly likely: Float64Array;
	/** Calls back with each known pair and triple, as positions in `words`, and how likely it is among all pairs or triples. */
	each(
		pair: (first: number, second: number, likely: number) => void,
		triple: (first: number, third: number, likely: number) => void,
	): void;
}

export function readTrigrams(workFolder: string): Trigrams {
	const file = join(folderOf(workFolder, TRIGRAMS), "usr/share/pocketsphinx/model/en-us/en-us.lm.bin");
	const bytes = readFileSync(file);
	if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC || bytes[MAGIC.length] !== ORDER) {
		throw new Error(`${file} is no trie of ${ORDER} words`);
	}
	let at = MAGIC.length + 1;
	const [wordCount = 0, pairCount = 0, tripleCount = 0] = [0, 4, 8].map((offset) => bytes.readUInt32LE(at + offset));
	at += 16;
	const readTable = () => {
		const table = Float64Array.from({ length: TABLE_LENGTH }, (_, code) => fromLog(bytes.readFloatLE(at + 4 * code)));
		at += 4 * TABLE_LENGTH;
		return table;
	};
	const ofPairs = readTable();
	readTable();
	const ofTriples = readTable();

	const likely = new Float64Array(wordCount + 1);
	const firstPair = new Uint32Array(wordCount + 1);
	for (let word = 0; word <= wordCount; word++, at += 12) {
		likely[word] = fromLog(bytes.readFloatLE(at));
		firstPair[word] = bytes.readUInt32LE(at + 8);
	}

	const wordBits = bitsFor(wordCount);
	const linkBits = bitsFor(tripleCount);
	const pairBits = wordBits + BACK_OFF_BITS + PROBABILITY_BITS + linkBits;
	const tripleBits = wordBits + PROBABILITY_BITS;
	const pairs = new PackedBits(bytes, at);
	const triples = new PackedBits(bytes, at + packedLength(pairCount, pairBits));
	const names = at + packedLength(pairCount, pairBits) + packedLength(tripleCount, tripleBits) + 4;
	const words = bytes.toString("latin1", names).split("\0").slice(0, wordCount);

	return {
		words,
		likely,
		each(onPair, onTriple) {
			const likelyPairs = new Map<number, number>();
			const links: { readonly second: number; readonly third: number; readonly from: number; readonly to: number }[] =
				[];
			for (let second = 0; second < wordCount; second++) {
				for (let pair = firstPair[second] ?? 0; pair < (firstPair[second + 1] ?? 0); pair++) {
					const start = pair * pairBits;
					const first = pairs.read(start, wordBits);
					const code = pairs.read(start + wordBits + BACK_OFF_BITS, PROBABILITY_BITS);
					const both = (likely[first] ?? 0) * (ofPairs[code] ?? 0);
					likelyPairs.set(first * wordCount + second, both);
					onPair(first, second, both);
					const link = start + pairBits - linkBits;
					// Filed by the last word, then the one before it: the triples under this pair end with it.
					links.push({
						second: first,
						third: second,
						from: pairs.read(link, linkBits),
						to: pairs.read(link + pairBits, linkBits),
					});
				}
			}
			for (const { second, third, from, to } of links) {
				for (let triple = from; triple < to; triple++) {
					const first = triples.read(triple * tripleBits, wordBits);
					const code = triples.read(triple * tripleBits + wordBits, PROBABILITY_BITS);
					const pair = likelyPairs.get(first * wordCount + second);
					if (pair !== undefined) onTriple(first, third, pair * (ofTriples[code] ?? 0));
				}
			}
		},
	};
}

class PackedBits {
	constructor(
		private readonly bytes: Buffer,
		private readonly start: number,
	) {}

	/** At most 40 bits. */
	read(offset: number, bits: number): number {
		const window = this.bytes.readUIntLE(this.start + Math.floor(offset / 8), 6);
		return Math.floor(window / 2 ** (offset % 8)) % 2 ** bits;
	}
}

/** Bytes of a packed array: one entry more than there are, and eight bytes so that a reader may reach past the end. */
function packedLength(entries: number, bits: number): number {
	return Math.floor(((1 + entries) * bits + 7) / 8) + 8;
}

function bitsFor(largest: number): number {
	return 32 - Math.clz32(largest);
}

function fromLog(logarithm: number): number {
	return LOG_BASE ** logarithm;
}
