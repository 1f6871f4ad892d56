/** Normalisation and hashing of what is remembered. Two texts with the same hash are the same memory. */

export interface NormalisedContent {
	/** The text as it is kept: trimmed, every run of white space one blank. */
	readonly storage: string;
	/** Lower case, without the punctuation at its end; never empty unless `storage` is. */
	readonly normalised: string;
	/** SHA-256 of `normalised` in UTF-8, lower-case hex. */
	readonly hash: string;
}

const WHITE_SPACE = /\s+/gu;
const TRAILING_PUNCTUATION = /[.,!?;:]+$/;

/** Normalise a text for storage, comparison and hashing. */
export function normaliseContent(text: string): NormalisedContent {
	const storage = condensed(text);
	const lower = storage.toLowerCase();
	const normalised = lower.replace(TRAILING_PUNCTUATION, "").trim() || lower;
	return { storage, normalised, hash: sha256Hex(normalised) };
}

/** A text as it is kept: trimmed, every run of white space one blank. */
export function condensed(text: string): string {
	return text.trim().replace(WHITE_SPACE, " ");
}

/** SHA-256 of a text in UTF-8, lower-case hex. */
export function sha256Hex(text: string): string {
	return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** HMAC-SHA-256 (RFC 2104) of a text in UTF-8, lower-case hex. `key` is taken as text too. */
export function keyedHash(key: string, text: string): string {
	return new Bun.CryptoHasher("sha256", key).update(text).digest("hex");
}

/** What knows a text again without holding it: says nothing without the key. */
export function textFingerprint(key: string, { normalised }: Pick<NormalisedContent, "normalised">): string {
	return keyedHash(key, normalised);
}

/**
 * A UUID that sorts by when it was made (RFC 9562, version 7), for rows of which many come one after the other: what is
 * entered at the end of an index is entered at once. `bytes` gives random ones.
 */
export function orderedUuid(nowMs: number, bytes: (length: number) => Uint8Array): string {
	const time = nowMs.toString(16).padStart(12, "0");
	const chance = Buffer.from(bytes(10)).toString("hex");
	const variant = ((Number.parseInt(chance[0] ?? "0", 16) & 0x3) | 0x8).toString(16);
	return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(1, 4)}-${variant}${chance.slice(4, 7)}-${chance.slice(7, 19)}`;
}

/**
 * A UUID that depends on nothing but `name` (RFC 9562, version 8 with the first bytes of its SHA-256), for things that
 * must get the same id whenever they are made again.
 */
export function uuidOf(name: string): string {
	const hex = sha256Hex(name);
	const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8).toString(16);
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
