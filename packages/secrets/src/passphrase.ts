import { inThread, invalidRequest } from "@signet/core";
import * as z from "zod/mini";
import { passphraseThreadFile } from "./passphrase-thread-file.ts";

/** What it costs to try a passphrase (Argon2id, RFC 9106). */
export interface PassphraseCost {
	readonly memoryKiB: number;
	readonly passes: number;
	readonly lanes: number;
}

/** A passphrase that is known, and where from. */
export interface KnownPassphrase {
	readonly text: string;
	readonly from: string;
}

export interface PassphraseRequest {
	readonly passphrase: string;
	readonly salt: Uint8Array;
	readonly cost: PassphraseCost;
}

/** The second of the two that RFC 9106 recommends, section 4. */
export const USUAL_COST: PassphraseCost = { memoryKiB: 64 * 1024, passes: 3, lanes: 4 };
export const SALT_BYTES = 16;
const MIN_CHARS = 8;
const MAX_LANES = 16;
const MIN_KIB_A_LANE = 8;

/** How a key comes from a passphrase, as it is written down. What costs absurdly much is refused before it is tried. */
export const derivationSchema = () =>
	z.object({
		kdf: z.literal("argon2id"),
		memoryKiB: z.int().check(z.minimum(MIN_KIB_A_LANE * MAX_LANES), z.maximum(1024 * 1024)),
		passes: z.int().check(z.minimum(1), z.maximum(20)),
		lanes: z.int().check(z.minimum(1), z.maximum(MAX_LANES)),
		/** Base64. */
		salt: z.base64().check(z.minLength(12), z.maxLength(128)),
	});
export type Derivation = z.infer<ReturnType<typeof derivationSchema>>;

/** How a key is to be made from a new passphrase. */
export function newDerivation(random: { bytes(length: number): Uint8Array }, cost = USUAL_COST): Derivation {
	return { kdf: "argon2id", ...cost, salt: Buffer.from(random.bytes(SALT_BYTES)).toString("base64") };
}

/** The key of a passphrase, 32 bytes. Takes a second or more, in a thread of its own. */
export async function passphraseKey(passphrase: string, { salt, ...cost }: Derivation): Promise<Uint8Array> {
	return inThread<PassphraseRequest, Uint8Array>(passphraseThreadFile(), {
		// The same letters are the same bytes, whatever keyboard and system they come from.
		passphrase: passphrase.normalize("NFC"),
		salt: Buffer.from(salt, "base64"),
		cost,
	});
}

/** Refuse a new passphrase that anybody guesses. */
export function demandPassphrase(passphrase: string): void {
	if ([...passphrase].length < MIN_CHARS) {
		throw invalidRequest(`A passphrase needs at least ${MIN_CHARS} characters; several words are better`);
	}
}
