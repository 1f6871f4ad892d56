import type { Random } from "@signet/core";
import { FORM_KINDS, type Form } from "./forms.ts";
import { instantiateKernel, type Kernel, LEADING_EDGE, REACH, SLOT, TRAILING_EDGE } from "./kernel.ts";
import { HEAD_BYTES, type Window, WindowChooser } from "./windows.ts";

/** A form of a value that is looked for. */
export interface Pattern {
	readonly form: Form;
	/** Which value it is a form of. */
	readonly value: number;
	/** It goes on where another pattern of the value ends. */
	readonly isContinued: boolean;
}

/** Where a form of a value stands: in bytes, the end exclusive. */
export interface Match {
	readonly start: number;
	readonly end: number;
	readonly value: number;
	readonly isContinued: boolean;
}

/** Bytes of a text that are looked at in one go. */
const TEXT_BYTES = 65_536;
const PAGE_BYTES = 65_536;
/** So much of a SHA-256 is kept and compared. */
const DIGEST_BYTES = 16;
const KEY_BYTES = 32;
/** Windows share so many bits each, at least: the more, the fewer of them are looked at for nothing. */
const BITS_PER_WINDOW = 160;
/** The first bitmap has between 2^13 and 2^19 bits, so that it stays near the processor; the second a quarter of that. */
const MIN_BITMAP_BITS = 13;
const MAX_BITMAP_BITS = 19;

/**
 * Fingerprints of forms: what is needed to find them, and nothing from which they could be read. Their hashes are keyed by
 * random numbers of this process. What the kernel takes for a form is one when its HMAC says so too.
 */
export class Fingerprints {
	/** Bytes from the beginning of a match to its end, at most. */
	readonly reach: number;
	/** The text that `scan` looks at; at most so long. */
	readonly text: Uint8Array;
	readonly #kernel: Kernel;
	readonly #memory: Uint8Array;
	/** From there on lies what is looked at. */
	readonly #scratch: number;
	readonly #key: Uint8Array;
	readonly #digests: Uint8Array;
	readonly #values: Uint32Array;
	readonly #continued: Uint8Array;

	/** The forms are read once, and not kept. */
	constructor(patterns: readonly Pattern[], random: Pick<Random, "bytes">) {
		this.reach = Math.max(0, ...patterns.map(({ form }) => reachOf(form)));
		this.#key = random.bytes(KEY_BYTES);
		this.#digests = new Uint8Array(patterns.length * DIGEST_BYTES);
		this.#values = Uint32Array.from(patterns, ({ value }) => value);
		this.#continued = Uint8Array.from(patterns, ({ isContinued }) => Number(isContinued));
		for (const [at, { form }] of patterns.entries()) this.#digests.set(this.#digestOf(form.bytes), at * DIGEST_BYTES);
		const table = new Table(patterns, new DataView(random.bytes(12).buffer));
		// A text must hold what has to be kept of the one before it, twice, and then as much again that is new.
		const textBytes = Math.max(TEXT_BYTES, 8 * this.reach);
		const layout = table.layout(textBytes);
		const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.end / PAGE_BYTES) });
		this.#memory = new Uint8Array(memory.buffer);
		this.#scratch = layout.scratch;
		this.text = this.#memory.subarray(layout.text, layout.text + textBytes);
		table.write(memory.buffer, layout);
		this.#kernel = instantiateKernel(memory);
		this.#kernel.configure(
			layout.bitmap,
			32 - table.bitmapBits,
			table.multiplier,
			layout.secondBitmap,
			32 - table.secondBitmapBits,
			table.secondMultiplier,
			layout.slots,
			table.slotCount - 1,
			table.seed,
			layout.text,
			layout.scratch,
		);
	}

	/**
	 * Tell of the forms in the first `length` bytes of `text` that are noticed from `from` on and before `to`. One that is
	 * noticed there begins and ends at most `reach` away.
	 */
	scan(from: number, to: number, length: number, found: (match: Match) => void): void {
		const kernel = this.#kernel;
		kernel.begin(from, to, length);
		while (kernel.next() !== 0) {
			const pattern = kernel.matchPattern();
			const at = kernel.matchBytes();
			if (!this.#isForm(pattern, this.#memory.subarray(at, at + kernel.matchLength()))) continue;
			found({
				start: kernel.matchStart(),
				end: kernel.matchEnd(),
				value: this.#values[pattern] ?? 0,
				isContinued: this.#continued[pattern] === 1,
			});
		}
	}

	/** Leave nothing of what was looked at behind. */
	wipe(): void {
		this.#memory.fill(0, this.#scratch);
	}

	#isForm(pattern: number, bytes: Uint8Array): boolean {
		const digest = this.#digestOf(bytes);
		const at = pattern * DIGEST_BYTES;
		return digest.every((byte, index) => byte === this.#digests[at + index]);
	}

	#digestOf(bytes: Uint8Array): Uint8Array {
		const digest = new Bun.CryptoHasher("sha256", this.#key).update(bytes).digest();
		return new Uint8Array(digest.buffer, digest.byteOffset, DIGEST_BYTES);
	}
}

function reachOf({ kind, bytes, hasLeadingEdge, hasTrailingEdge }: Form): number {
	if (kind === "plain") return bytes.length;
	const edges = hasLeadingEdge || hasTrailingEdge ? REACH.edges : 0;
	return bytes.length * REACH.spread + REACH.extra + edges;
}

interface Layout {
	readonly bitmap: number;
	readonly secondBitmap: number;
	readonly slots: number;
	readonly scratch: number;
	readonly text: number;
	readonly end: number;
}

/** What the kernel looks things up in. */
class Table {
	readonly bitmapBits: number;
	readonly secondBitmapBits: number;
	readonly slotCount: number;
	/** Odd, so that no bit of what they multiply is lost. */
	readonly multiplier: number;
	readonly secondMultiplier: number;
	readonly seed: number;
	readonly #windows: (Window & { readonly pattern: number })[];

	constructor(
		private readonly patterns: readonly Pattern[],
		randomNumbers: DataView,
	) {
		this.multiplier = randomNumbers.getUint32(0) | 1;
		this.secondMultiplier = randomNumbers.getUint32(4) | 1;
		this.seed = randomNumbers.getUint32(8);
		const chooser = new WindowChooser();
		this.#windows = patterns.flatMap(({ form }, pattern) =>
			chooser.choose(form).map((window) => ({ ...window, pattern })),
		);
		const wanted = Math.ceil(Math.log2(Math.max(1, this.#windows.length) * BITS_PER_WINDOW));
		this.bitmapBits = Math.min(MAX_BITMAP_BITS, Math.max(MIN_BITMAP_BITS, wanted));
		this.secondBitmapBits = this.bitmapBits - 2;
		this.slotCount = 2 ** Math.ceil(Math.log2(2 * this.#windows.length + 2));
	}

	layout(textBytes: number): Layout {
		const longest = Math.max(0, ...this.patterns.map(({ form }) => form.bytes.length));
		const bitmap = 0;
		const secondBitmap = bitmap + 2 ** this.bitmapBits / 8;
		const slots = secondBitmap + 2 ** this.secondBitmapBits / 8;
		const scratch = slots + this.slotCount * SLOT.bytes;
		const text = scratch + longest;
		return { bitmap, secondBitmap, slots, scratch, text, end: text + textBytes };
	}

	write(buffer: ArrayBufferLike, layout: Layout): void {
		const bitmap = new Uint8Array(buffer, layout.bitmap, 2 ** this.bitmapBits / 8);
		const secondBitmap = new Uint8Array(buffer, layout.secondBitmap, 2 ** this.secondBitmapBits / 8);
		const slots = new DataView(buffer, layout.slots, this.slotCount * SLOT.bytes);
		for (const window of this.#windows) {
			const hash = Math.imul(window.gram, this.multiplier) >>> (32 - this.bitmapBits);
			setBit(bitmap, hash);
			setBit(secondBitmap, Math.imul(window.gram, this.secondMultiplier) >>> (32 - this.secondBitmapBits));
			this.#fill(slots, this.#emptySlot(slots, hash), hash, window);
		}
	}

	/** The offset of the first empty slot from that of the hash on. */
	#emptySlot(slots: DataView, hash: number): number {
		let slot = hash & (this.slotCount - 1);
		while (slots.getUint32(slot * SLOT.bytes + SLOT.bucket, true) !== 0) slot = (slot + 1) & (this.slotCount - 1);
		return slot * SLOT.bytes;
	}

	#fill(slots: DataView, at: number, hash: number, { pattern, before }: Window & { readonly pattern: number }): void {
		const form = this.patterns[pattern]?.form;
		if (!form) return;
		const { bytes, kind, hasLeadingEdge, hasTrailingEdge } = form;
		slots.setUint32(at + SLOT.bucket, hash + 1, true);
		slots.setUint32(at + SLOT.filter, this.#filterOf(bytes.subarray(0, HEAD_BYTES)), true);
		slots.setUint32(at + SLOT.pattern, pattern, true);
		slots.setUint16(at + SLOT.length, bytes.length, true);
		slots.setUint16(at + SLOT.before, before, true);
		slots.setUint8(at + SLOT.kind, FORM_KINDS.indexOf(kind));
		slots.setUint8(at + SLOT.edges, (hasLeadingEdge ? LEADING_EDGE : 0) | (hasTrailingEdge ? TRAILING_EDGE : 0));
	}

	/** As `filterOf` of the kernel. */
	#filterOf(bytes: Uint8Array): number {
		let hash = this.seed;
		for (const byte of bytes) hash = Math.imul(hash ^ byte, this.multiplier);
		return hash >>> 0;
	}
}

function setBit(map: Uint8Array, bit: number): void {
	map[bit >>> 3] = (map[bit >>> 3] ?? 0) | (1 << (bit & 7));
}
