import type { Random } from "@signet/core";
import { FingerprintTable } from "./fingerprint-table.ts";
import type { Form } from "./forms.ts";
import { instantiateKernel, type Kernel } from "./kernel.ts";

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

/** What is known of a pattern besides what the kernel knows. */
type Known = Omit<Pattern, "form"> & { readonly digest: Uint8Array };

/** Takes the fingerprints of forms. The forms are read once, and not kept. */
export class FingerprintTaker {
	readonly #known: Known[] = [];
	readonly #table: FingerprintTable;
	readonly #key: Uint8Array;

	constructor(random: Pick<Random, "bytes">) {
		this.#table = new FingerprintTable(random);
		this.#key = random.bytes(KEY_BYTES);
	}

	get count(): number {
		return this.#known.length;
	}

	take({ form, ...rest }: Pattern): void {
		this.#table.add(form, this.#known.length);
		this.#known.push({ ...rest, digest: digestOf(form.bytes, this.#key) });
	}

	/** All that were taken. */
	finish(): Fingerprints {
		return new Fingerprints(this.#table, this.#known, this.#key);
	}
}

/**
 * Fingerprints of forms: what is needed to find them, and not the forms. They are hashes, keyed by random numbers of this
 * process. What the kernel takes for a form is one when its HMAC says so too.
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
	/** By the numbers of patterns, close together: there may be thousands. */
	readonly #digests: Uint8Array;
	readonly #values: Uint32Array;
	readonly #continued: Uint8Array;

	constructor(
		table: FingerprintTable,
		known: readonly Known[],
		private readonly key: Uint8Array,
	) {
		this.reach = table.reach;
		this.#digests = new Uint8Array(known.length * DIGEST_BYTES);
		for (const [at, { digest }] of known.entries()) this.#digests.set(digest, at * DIGEST_BYTES);
		this.#values = Uint32Array.from(known, ({ value }) => value);
		this.#continued = Uint8Array.from(known, ({ isContinued }) => Number(isContinued));
		// A text must hold what has to be kept of the one before it, twice, and then as much again that is new.
		const textBytes = Math.max(TEXT_BYTES, 8 * this.reach);
		const layout = table.layout(textBytes);
		const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.end / PAGE_BYTES) });
		this.#memory = new Uint8Array(memory.buffer);
		this.#scratch = layout.scratch;
		this.text = this.#memory.subarray(layout.text, layout.text + textBytes);
		this.#kernel = instantiateKernel(memory);
		table.install(this.#kernel, memory.buffer, layout);
	}

	/**
	 * Tell of the forms in the first `length` bytes of `text` that are noticed from `from` on and before `to`. One that is
	 * noticed there begins and ends at most `reach` away.
	 */
	scan(from: number, to: number, length: number, found: (match: Match) => void): void {
		const kernel = this.#kernel;
		// A text that repeats a value that repeats itself has it at each byte: what was proved once is compared, since a hash
		// for each would take seconds.
		const proved = new Map<number, Uint8Array>();
		kernel.begin(from, to, length);
		while (kernel.next() !== 0) {
			const pattern = kernel.matchPattern();
			const at = kernel.matchBytes();
			const bytes = this.#memory.subarray(at, at + kernel.matchLength());
			const known = proved.get(pattern);
			if (!known || Buffer.compare(known, bytes) !== 0) {
				if (!this.#isForm(pattern, bytes)) continue;
				proved.set(pattern, bytes.slice());
			}
			found({
				start: kernel.matchStart(),
				end: kernel.matchEnd(),
				value: this.#values[pattern] ?? 0,
				isContinued: this.#continued[pattern] === 1,
			});
		}
		for (const bytes of proved.values()) bytes.fill(0);
	}

	#isForm(pattern: number, bytes: Uint8Array): boolean {
		const at = pattern * DIGEST_BYTES;
		return digestOf(bytes, this.key).every((byte, index) => byte === this.#digests[at + index]);
	}

	/** Leave nothing of what was looked at behind. */
	wipe(): void {
		this.#memory.fill(0, this.#scratch);
	}
}

function digestOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
	return new Uint8Array(new Bun.CryptoHasher("sha256", key).update(bytes).digest()).slice(0, DIGEST_BYTES);
}
