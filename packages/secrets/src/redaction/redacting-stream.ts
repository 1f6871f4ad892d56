import type { ValueFinder } from "./finder.ts";
import { GrowingPassage } from "./passages.ts";

/**
 * Takes the bytes of a text as they come and gives them without the values in it, the same wherever they were divided. It
 * holds back what a value may still come of.
 */
export class RedactingStream {
	/** What was not given yet. */
	#held: Uint8Array = new Uint8Array();
	/** The passage that was replaced last. It may go on in what is held. */
	#passage: GrowingPassage | undefined;
	/** How much was given before what is held; passages count from the beginning of the text. */
	#given = 0;
	readonly #replacement: Uint8Array;

	constructor(
		private readonly finder: ValueFinder,
		replacement: string,
	) {
		this.#replacement = new TextEncoder().encode(replacement);
	}

	/** Take some more; gives what is sure by now. */
	push(bytes: Uint8Array): Uint8Array {
		this.#held = Buffer.concat([this.#held, bytes]);
		const { reach } = this.finder;
		// Looking is cheap where it is done for much at once.
		return this.#held.length < 4 * reach ? new Uint8Array() : this.#give(this.#held.length - 2 * reach);
	}

	/** Nothing comes any more; gives the rest. */
	end(): Uint8Array {
		return this.#give(this.#held.length);
	}

	/** Give the first `length` bytes of what is held: what begins there ends in what is held, if not there. */
	#give(length: number): Uint8Array {
		const base = this.#given;
		const parts: Uint8Array[] = [];
		let kept = this.#covered(length);
		for (const found of this.finder.find(this.#held)) {
			if (found.start >= length) break;
			const match = { ...found, start: found.start + base, end: found.end + base };
			if (this.#passage?.isJoinedBy(match)) this.#passage.add(match);
			else {
				parts.push(this.#held.subarray(kept, found.start), this.#replacement);
				this.#passage = new GrowingPassage(match);
			}
			kept = this.#covered(length);
		}
		parts.push(this.#held.subarray(kept, length));
		this.#held = this.#held.slice(length);
		this.#given += length;
		return Buffer.concat(parts);
	}

	/** How much of the first `length` bytes of what is held the last passage covers. */
	#covered(length: number): number {
		return Math.min(length, Math.max(0, (this.#passage?.end ?? 0) - this.#given));
	}
}
