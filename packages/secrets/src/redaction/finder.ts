import type { World } from "@signet/core";
import { type Fingerprints, FingerprintTaker, type Match, type Pattern } from "./fingerprints.ts";
import { formsOf, MIN_FORM_BYTES, plainForm } from "./forms.ts";
import { type PartLimits, partsOf } from "./value-parts.ts";

/** A UTF-16 code unit becomes at most so many bytes. */
const MAX_BYTES_PER_CHAR = 3;
/** Patterns taken in one turn of the loop. */
const PATTERNS_A_TURN = 60;

/**
 * Finds values in texts and bytes, in all their encoded forms. Holds fingerprints, not values. Building one takes a few
 * milliseconds for a hundred values, and it weighs a few hundred kilobytes.
 */
export class ValueFinder {
	readonly #fingerprints: Fingerprints;
	readonly #encoder = new TextEncoder();

	private constructor(fingerprints: Fingerprints) {
		this.#fingerprints = fingerprints;
	}

	/**
	 * A finder of these values, or undefined when there is nothing to look for; made a few at a time, giving way to other
	 * work. A match names a value by its place among them.
	 */
	static async of(
		values: readonly string[],
		limits: PartLimits,
		{ random, timers }: Pick<World, "random" | "timers">,
	): Promise<ValueFinder | undefined> {
		const taker = new FingerprintTaker(random);
		let taken = 0;
		for (const [value, text] of values.entries()) {
			for (const pattern of patternsOf(text, value, limits)) taker.take(pattern);
			if (taker.count - taken < PATTERNS_A_TURN) continue;
			taken = taker.count;
			await timers.yield();
		}
		return taker.count === 0 ? undefined : new ValueFinder(taker.finish());
	}

	/** Bytes from the beginning of a match to its end, at most. */
	get reach(): number {
		return this.#fingerprints.reach;
	}

	/** Whether a value is in a text. */
	isIn(text: string): boolean {
		// A text that fits is looked at where it is encoded to, without a copy of it.
		const { text: room } = this.#fingerprints;
		if (text.length * MAX_BYTES_PER_CHAR > room.length) return this.find(Buffer.from(text)).length > 0;
		const { written } = this.#encoder.encodeInto(text, room);
		let isFound = false;
		this.#fingerprints.scan(0, written, written, () => {
			isFound = true;
		});
		return isFound;
	}

	/** All that is found in some bytes, by its beginning. What overlaps of the same value may be one. */
	find(bytes: Uint8Array): Match[] {
		const matches: { -readonly [Field in keyof Match]: Match[Field] }[] = [];
		const { reach, text: room } = this.#fingerprints;
		const step = room.length - 2 * reach;
		for (let at = 0; at < bytes.length; at += step) {
			// What is noticed in this step may begin before it and end after it.
			const base = Math.max(0, at - reach);
			const part = bytes.subarray(base, at + step + reach);
			room.set(part);
			this.#fingerprints.scan(at - base, at + step - base, part.length, ({ start, end, value, isContinued }) => {
				const last = matches.at(-1);
				// There may be as many as there are bytes.
				const isMore = last?.value === value && start + base >= last.start && start + base < last.end;
				if (isMore) last.end = Math.max(last.end, end + base);
				else matches.push({ start: start + base, end: end + base, value, isContinued });
			});
		}
		if (matches.length > 0) this.#fingerprints.wipe();
		return matches.sort((a, b) => a.start - b.start || b.end - a.end);
	}
}

/** All forms of a value, each once: of one that repeats itself, pieces and lines are the same over and over. */
function patternsOf(text: string, value: number, limits: PartLimits): Pattern[] {
	const patterns = partsOf(text, limits).flatMap(({ text: part, isContinued, isEncoded }) =>
		(isEncoded ? formsOf(part) : [plainForm(part)])
			.filter(({ bytes }) => bytes.length >= MIN_FORM_BYTES)
			.map((form) => ({ form, value, isContinued })),
	);
	return [...new Map(patterns.map((pattern) => [identityOf(pattern), pattern])).values()];
}

function identityOf({ form: { kind, bytes, hasLeadingEdge, hasTrailingEdge }, isContinued }: Pattern): string {
	const flags = [hasLeadingEdge, hasTrailingEdge, isContinued].map(Number).join("");
	return `${kind} ${flags} ${Buffer.from(bytes).toString("latin1")}`;
}
