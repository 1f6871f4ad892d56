import { RedactingStream, type ValueFinder } from "../redaction/index.ts";

/** What stands in the place of a value. */
export const REDACTED = "[REDACTED]";

/** Collects what a command prints, without the values in it, up to a limit. */
export class CommandOutput {
	#parts: Uint8Array[] = [];
	#bytes = 0;
	#isTruncated = false;
	readonly #stream: RedactingStream | undefined;

	constructor(
		finder: ValueFinder | undefined,
		private readonly maxBytes: number,
	) {
		this.#stream = finder && new RedactingStream(finder, REDACTED);
	}

	/** Whether something was left out at the end. */
	get isTruncated(): boolean {
		return this.#isTruncated;
	}

	push(bytes: Uint8Array): void {
		// What goes on printing after that is heard, so that it is not held up, and dropped.
		if (!this.#isTruncated) this.#keep(this.#stream ? this.#stream.push(bytes) : bytes);
	}

	/** All of it, as text; nothing comes any more. */
	end(): string {
		if (this.#stream && !this.#isTruncated) this.#keep(this.#stream.end());
		const bytes = Buffer.concat(this.#parts);
		// A character that was cut is left out; one at the end of the output that never was whole shows as such.
		return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: this.#isTruncated });
	}

	#keep(bytes: Uint8Array): void {
		const room = this.maxBytes - this.#bytes;
		this.#isTruncated = bytes.length > room;
		const kept = bytes.slice(0, room);
		this.#bytes += kept.length;
		this.#parts.push(kept);
	}
}
