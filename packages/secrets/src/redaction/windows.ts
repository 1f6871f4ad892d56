import type { Form } from "./forms.ts";

/** Four bytes by which a form is noticed in a text. */
export interface Window {
	/** Little-endian, as they are read there. */
	readonly gram: number;
	/** Bytes of the form before them. */
	readonly before: number;
}

const WINDOW_BYTES = 4;
/** The window lies within so many bytes at the beginning of a form. */
export const HEAD_BYTES = 24;
/** What may stand between the digits of two bytes: xxd, od, fingerprints, addresses, string literals. */
const HEX_SEPARATORS = [" ", ":", "%", "\\x"];

const encoder = new TextEncoder();

/**
 * Where forms are noticed: at the four bytes that are the least common, in texts and among the forms before. A form that
 * may be broken by the end of a line has two, of which the break leaves one whole.
 */
export class WindowChooser {
	readonly #used = new Map<number, number>();

	choose({ bytes, kind }: Form): Window[] {
		const first = this.#rarest(bytes, () => true);
		if (!first) return [];
		this.#use(first);
		if (kind === "plain") return [first];
		const second = this.#rarest(bytes, (before) => Math.abs(before - first.before) >= WINDOW_BYTES);
		if (second) this.#use(second);
		return [first, ...(second ? [second] : []), ...(kind === "hex" ? separatedWindows(bytes) : [])];
	}

	#rarest(bytes: Uint8Array, isWanted: (before: number) => boolean): Window | undefined {
		let rarest: Window | undefined;
		let least = Number.POSITIVE_INFINITY;
		for (let before = 0; before + WINDOW_BYTES <= Math.min(bytes.length, HEAD_BYTES); before++) {
			if (!isWanted(before)) continue;
			const gram = gramAt(bytes, before);
			const cost = commonness(bytes, before) + COST_OF_USE * (this.#used.get(gram) ?? 0);
			if (cost >= least) continue;
			least = cost;
			rarest = { gram, before };
		}
		return rarest;
	}

	#use({ gram }: Window): void {
		this.#used.set(gram, (this.#used.get(gram) ?? 0) + 1);
	}
}

/** A gram that two forms share costs more than one that words have. */
const COST_OF_USE = 20;

/** How often four such bytes may be expected in a text; only the order means something. */
function commonness(bytes: Uint8Array, before: number): number {
	let common = 0;
	for (let at = before; at < before + WINDOW_BYTES; at++) {
		common += COMMONNESS[bytes[at] ?? 0] ?? 0;
		if (at > before && bytes[at] === bytes[at - 1]) common += COST_OF_REPETITION;
	}
	return common;
}

const COST_OF_REPETITION = 3;

const COMMONNESS = Uint8Array.from({ length: 256 }, (_, byte) => {
	const character = String.fromCharCode(byte);
	if (/[a-z ]/.test(character)) return 3;
	return /[A-Z0-9]/.test(character) ? 1 : 2;
});

/** Where digits are noticed that have something between the pairs. */
function separatedWindows(digits: Uint8Array): Window[] {
	const before = 2;
	const pair = digits.subarray(before, before + 2);
	return HEX_SEPARATORS.map((separator) => {
		const written = new Uint8Array([...pair, ...encoder.encode(separator), ...digits.subarray(before + 2, before + 4)]);
		return { gram: gramAt(written, 0), before };
	});
}

function gramAt(bytes: Uint8Array, at: number): number {
	const byte = (offset: number) => (bytes[at + offset] ?? 0) << (8 * offset);
	return (byte(0) | byte(1) | byte(2) | byte(3)) >>> 0;
}
