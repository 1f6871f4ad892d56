import { bindingOf, type Key, NONCE_BYTES, open, seal, sealedBytes } from "./sealing.ts";

/** What is sealed, and what proves where it belongs; the earlier daemon writes no proof. */
export interface Sealed {
	readonly ciphertext: string;
	readonly binding?: unknown;
}

/** Why a value cannot be had: its bytes are damaged, no key opens it, or it was put in the place of another one. */
export type Unopened = "damaged" | "foreign" | "moved";

export interface Opened {
	readonly text: string;
	readonly key: Key;
	/** Whether it is proved to belong where it stands. */
	readonly isBound: boolean;
}

/** Seal a text for the place that `name` stands for. */
export function sealFor(name: string, text: string, key: Key, random: { bytes(length: number): Uint8Array }) {
	const ciphertext = seal(key, random.bytes(NONCE_BYTES), text);
	return { ciphertext, binding: bindingOf(key, name, ciphertext) };
}

/** Open what stands at the place that `name` stands for, with the first of the keys that does. */
export function openAt(name: string, sealed: Sealed, keys: readonly Key[]): Opened | Unopened {
	const bytes = sealedBytes(sealed.ciphertext);
	if (!bytes) return "damaged";
	for (const key of keys) {
		const text = open(key, bytes);
		if (text === undefined) continue;
		if (sealed.binding === undefined) return { text, key, isBound: false };
		return isBindingOf(key, name, sealed) ? { text, key, isBound: true } : "moved";
	}
	return "foreign";
}

function isBindingOf(key: Key, name: string, { ciphertext, binding }: Sealed): boolean {
	const [expected, given] = [bindingOf(key, name, ciphertext), String(binding)].map((text) => Buffer.from(text));
	return expected !== undefined && given?.length === expected.length && crypto.timingSafeEqual(expected, given);
}
