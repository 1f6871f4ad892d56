import type { Random } from "@signet/core";
import { FORM_KINDS, type Form } from "./forms.ts";
import { type Kernel, LEADING_EDGE, REACH, SLOT, TRAILING_EDGE } from "./kernel.ts";
import { HEAD_BYTES, type Window, WindowChooser } from "./windows.ts";

/** Windows share so many bits each, at least: the more, the fewer of them are looked at for nothing. */
const BITS_PER_WINDOW = 160;
/** The first bitmap has between 2^13 and 2^19 bits, so that it stays near the processor; the second a quarter of that. */
const MIN_BITMAP_BITS = 13;
const MAX_BITMAP_BITS = 19;

interface Entry extends Window {
	readonly pattern: number;
	readonly filter: number;
	readonly length: number;
	readonly kind: number;
	readonly edges: number;
}

/** Where what the kernel works with lies in its memory. */
export interface Layout {
	readonly bitmap: number;
	readonly secondBitmap: number;
	readonly slots: number;
	readonly scratch: number;
	readonly text: number;
	readonly end: number;
}

/** What the kernel looks things up in. Of forms it has hashes, keyed by random numbers. */
export class FingerprintTable {
	readonly #entries: Entry[] = [];
	readonly #chooser = new WindowChooser();
	/** Odd, so that no bit of what they multiply is lost. */
	readonly #multiplier: number;
	readonly #secondMultiplier: number;
	readonly #seed: number;
	#longest = 0;
	#reach = 0;

	constructor(random: Pick<Random, "bytes">) {
		const numbers = new Uint32Array(random.bytes(12).slice().buffer);
		const [first = 0, second = 0, seed = 0] = numbers;
		this.#multiplier = (first | 1) >>> 0;
		this.#secondMultiplier = (second | 1) >>> 0;
		this.#seed = seed;
	}

	/** Bytes from the beginning of a form in a text to its end, at most. */
	get reach(): number {
		return this.#reach;
	}

	/** Have a form found under a number. */
	add(form: Form, pattern: number): void {
		const { bytes, kind, hasLeadingEdge, hasTrailingEdge } = form;
		const entry = {
			pattern,
			filter: this.#filterOf(bytes.subarray(0, HEAD_BYTES)),
			length: bytes.length,
			kind: FORM_KINDS.indexOf(kind),
			edges: (hasLeadingEdge ? LEADING_EDGE : 0) | (hasTrailingEdge ? TRAILING_EDGE : 0),
		};
		for (const window of this.#chooser.choose(form)) this.#entries.push({ ...window, ...entry });
		this.#longest = Math.max(this.#longest, bytes.length);
		this.#reach = Math.max(this.#reach, reachOf(form));
	}

	/** Where everything goes, with so much room for a text. */
	layout(textBytes: number): Layout {
		const bitmap = 0;
		const secondBitmap = bitmap + 2 ** this.#bitmapBits / 8;
		const slots = secondBitmap + 2 ** (this.#bitmapBits - 2) / 8;
		const scratch = slots + this.#slotCount * SLOT.bytes;
		const text = scratch + this.#longest;
		return { bitmap, secondBitmap, slots, scratch, text, end: text + textBytes };
	}

	/** Write all of it into a memory, and let the kernel know. */
	install(kernel: Kernel, buffer: ArrayBufferLike, layout: Layout): void {
		const [shift, secondShift] = [32 - this.#bitmapBits, 34 - this.#bitmapBits];
		const bitmap = new Uint8Array(buffer, layout.bitmap, 2 ** this.#bitmapBits / 8);
		const secondBitmap = new Uint8Array(buffer, layout.secondBitmap, 2 ** (this.#bitmapBits - 2) / 8);
		const slotCount = this.#slotCount;
		const slots = new DataView(buffer, layout.slots, slotCount * SLOT.bytes);
		for (const entry of this.#entries) {
			const hash = Math.imul(entry.gram, this.#multiplier) >>> shift;
			setBit(bitmap, hash);
			setBit(secondBitmap, Math.imul(entry.gram, this.#secondMultiplier) >>> secondShift);
			let slot = hash & (slotCount - 1);
			while (slots.getUint32(slot * SLOT.bytes + SLOT.bucket, true) !== 0) slot = (slot + 1) & (slotCount - 1);
			fill(slots, slot * SLOT.bytes, hash, entry);
		}
		kernel.configure(
			layout.bitmap,
			shift,
			this.#multiplier,
			layout.secondBitmap,
			secondShift,
			this.#secondMultiplier,
			layout.slots,
			slotCount - 1,
			this.#seed,
			layout.text,
			layout.scratch,
		);
	}

	get #bitmapBits(): number {
		const wanted = Math.ceil(Math.log2(Math.max(1, this.#entries.length) * BITS_PER_WINDOW));
		return Math.min(MAX_BITMAP_BITS, Math.max(MIN_BITMAP_BITS, wanted));
	}

	/** More than half of them stay empty. */
	get #slotCount(): number {
		return 2 ** Math.ceil(Math.log2(2 * this.#entries.length + 2));
	}

	/** As `filterOf` of the kernel. */
	#filterOf(bytes: Uint8Array): number {
		let hash = this.#seed;
		for (const byte of bytes) hash = Math.imul(hash ^ byte, this.#multiplier);
		return hash >>> 0;
	}
}

function reachOf({ kind, bytes, hasLeadingEdge, hasTrailingEdge }: Form): number {
	if (kind === "plain") return bytes.length;
	const edges = hasLeadingEdge || hasTrailingEdge ? REACH.edges : 0;
	return bytes.length * REACH.spread + REACH.extra + edges;
}

function setBit(map: Uint8Array, bit: number): void {
	map[bit >>> 3] = (map[bit >>> 3] ?? 0) | (1 << (bit & 7));
}

function fill(slots: DataView, at: number, hash: number, entry: Entry): void {
	slots.setUint32(at + SLOT.bucket, hash + 1, true);
	slots.setUint32(at + SLOT.filter, entry.filter, true);
	slots.setUint32(at + SLOT.pattern, entry.pattern, true);
	slots.setUint16(at + SLOT.length, entry.length, true);
	slots.setUint16(at + SLOT.before, entry.before, true);
	slots.setUint8(at + SLOT.kind, entry.kind);
	slots.setUint8(at + SLOT.edges, entry.edges);
}
