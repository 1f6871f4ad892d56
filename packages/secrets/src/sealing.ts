import { secretbox } from "@noble/ciphers/salsa.js";
import { blake2b } from "@noble/hashes/blake2.js";

/**
 * How values are sealed: XSalsa20-Poly1305 under a key of 32 bytes, as the earlier daemon does it, and what proves
 * beyond that to which name a value belongs. Loaded when a value is first sealed or opened.
 */

/** 32 bytes. */
export type Key = Uint8Array;

export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
const TAG_BYTES = 16;

const utf8 = new TextEncoder();
/** A mark at the beginning belongs to the value; what is no UTF-8 was none of ours. */
const fromUtf8 = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Sixteen bytes each, as BLAKE2b has it. */
const BINDING = utf8.encode("signet:binding\0\0");
const KEY_PROOF = utf8.encode("signet:key-proof");

/** The key of a machine. */
export function machineKey(identity: string): Key {
	return blake2b(utf8.encode(`signet:secrets:${identity}`), { dkLen: KEY_BYTES });
}

/** Seal a text. A nonce must never be used twice under the same key. */
export function seal(key: Key, nonce: Uint8Array, text: string): string {
	return Buffer.concat([nonce, secretbox(key, nonce).seal(utf8.encode(text))]).toString("base64");
}

/** The bytes of a ciphertext; undefined when it is damaged beyond what any key could open. */
export function sealedBytes(ciphertext: string): Uint8Array | undefined {
	const bytes = Buffer.from(ciphertext, "base64");
	// The decoder takes whatever looks like base64; the same text comes out only of what was well formed.
	const isWellFormed = bytes.toString("base64") === ciphertext;
	return isWellFormed && bytes.length >= NONCE_BYTES + TAG_BYTES ? bytes : undefined;
}

/** Open what was sealed; undefined when that was done under another key, or it was changed since. */
export function open(key: Key, bytes: Uint8Array): string | undefined {
	try {
		return fromUtf8().decode(secretbox(key, bytes.subarray(0, NONCE_BYTES)).open(bytes.subarray(NONCE_BYTES)));
	} catch {
		return undefined;
	}
}

/** What proves that a ciphertext belongs to a name. Names have no zero byte. */
export function bindingOf(key: Key, name: string, ciphertext: string): string {
	const bindingKey = blake2b(new Uint8Array(), { key, personalization: BINDING, dkLen: KEY_BYTES });
	const message = utf8.encode(`${name}\0${ciphertext}`);
	return Buffer.from(blake2b(message, { key: bindingKey, dkLen: KEY_BYTES })).toString("base64");
}

/** What proves that a key is the right one, and says nothing about it. */
export function keyProof(key: Key): string {
	return Buffer.from(blake2b(new Uint8Array(), { key, personalization: KEY_PROOF, dkLen: KEY_BYTES })).toString(
		"base64",
	);
}

export function isSameKey(one: Key, other: Key): boolean {
	return Buffer.compare(one, other) === 0;
}
