import { notFound } from "@signet/core";
import type { Sealer } from "../run/index.ts";

/** Secrets that are nowhere but in the memory. */
export class MemoryVault {
	readonly sealer = memorySealer;
	readonly #values: Map<string, string>;
	#changes = 0;

	constructor(values: Readonly<Record<string, string>> = {}) {
		this.#values = new Map(Object.entries(values));
	}

	put(name: string, value: string): void {
		this.#values.set(name, value);
		this.#changes++;
	}

	delete(name: string): void {
		this.#values.delete(name);
		this.#changes++;
	}

	async resolve(name: string): Promise<string> {
		const value = this.#values.get(name);
		if (value === undefined) throw notFound(`Secret '${name}' not found`);
		return value;
	}

	async values(): Promise<ReadonlyMap<string, string>> {
		return new Map(this.#values);
	}

	changeCount(): number {
		return this.#changes;
	}
}

const MARK = 0x5a;

/** Seals so that a test can tell: what is sealed shows nothing of what it is, and what was changed is refused. */
export const memorySealer: Sealer = {
	seal: (bytes) => Uint8Array.from([MARK, ...bytes, checksum(bytes)], (byte) => byte ^ MARK),
	open(sealed) {
		const bytes = sealed.map((byte) => byte ^ MARK);
		const inner = bytes.subarray(1, -1);
		if (bytes[0] !== MARK || bytes.at(-1) !== checksum(inner)) throw new Error("it was not sealed by this key");
		return inner;
	},
};

function checksum(bytes: Uint8Array): number {
	return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}
