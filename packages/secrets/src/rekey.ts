import { RequestError } from "@signet/core";
import type { KeyRing } from "./key-ring.ts";
import { type KeyDescription, type KeySource, keyOf, withKey } from "./key-source.ts";
import { openTexts } from "./opened-texts.ts";
import { openAt, sealFor } from "./opening.ts";
import { demandPassphrase, newDerivation, type PassphraseCost, passphraseKey } from "./passphrase.ts";
import { lockedError } from "./problems.ts";
import { placeOf, withSealedText } from "./sealed-texts.ts";
import { KEY_BYTES, type Key, keyProof } from "./sealing.ts";
import type { SecretStore } from "./store.ts";
import type { StoredFile } from "./stored-file.ts";

/** Where the new key is to come from. `same`: the key stays, and everything is sealed anew under it. */
export type NewKey =
	| { readonly source: "same" | "machine" | "keychain" }
	| { readonly source: "passphrase"; readonly passphrase: string; readonly cost?: PassphraseCost };

export interface Rekeyed {
	readonly source: KeySource;
	/** Secrets that are sealed anew, and proved to belong to their names. */
	readonly sealed: number;
	/** What could not be opened, and stays as it was. */
	readonly left: readonly string[];
}

const KEYCHAIN_SERVICE = "Signet secrets";
const ACCOUNT_BYTES = 16;

/** A key that is made, and how it is come by. */
interface NewlyKept {
	readonly key: Key;
	readonly description: KeyDescription | undefined;
}

/**
 * Seal every secret anew, under another key or the same. Either all that can be opened is, or nothing was changed.
 * Throws a `RequestError` when the vault is locked, or the new key cannot be kept where it is to be.
 */
export async function rekey(store: SecretStore, to: NewKey): Promise<Rekeyed> {
	const { file } = store.parts;
	const ring = await store.parts.keys();
	// What takes long, or asks a person, comes before others have to wait.
	const { locked: isLocked } = await ring.forReading(await file.load());
	if (isLocked !== undefined) throw lockedError(isLocked);
	const made = await makeKey(store, to);
	const done: { outcome?: Rekeyed; former?: KeyDescription | undefined } = {};
	try {
		await file.change(async (stored) => {
			const { locked, all } = await ring.forReading(stored);
			if (locked !== undefined) throw lockedError(locked);
			done.former = keyOf(stored);
			const { key, description } = made ?? (await keyAtHand(ring, stored, to));
			const { file: resealed, sealed, left } = sealAnew(stored, all, key, store.parts.world.random);
			done.outcome = { source: description?.source ?? "machine", sealed, left };
			return withKey(resealed, description);
		});
	} catch (error) {
		await forget(store, made?.description);
		throw error;
	}
	if (made) ring.learn(made.key);
	if (to.source !== "same") await forget(store, done.former);
	return done.outcome ?? { source: "machine", sealed: 0, left: [] };
}

/** A new key, where one has to be made. */
async function makeKey(store: SecretStore, to: NewKey): Promise<NewlyKept | undefined> {
	const { random } = store.parts.world;
	switch (to.source) {
		case "same":
		case "machine":
			return undefined;
		case "passphrase": {
			demandPassphrase(to.passphrase);
			const derivation = newDerivation(random, to.cost);
			const key = await passphraseKey(to.passphrase, derivation);
			return { key, description: { source: "passphrase", ...derivation, proof: keyProof(key) } };
		}
		case "keychain": {
			const keychain = await store.parts.keychain();
			if (!keychain) throw noKeychain();
			const key = random.bytes(KEY_BYTES);
			const item = { service: KEYCHAIN_SERVICE, account: hex(random.bytes(ACCOUNT_BYTES)) };
			await keychain.write(item, hex(key));
			return { key, description: { source: "keychain", ...item, proof: keyProof(key) } };
		}
	}
}

async function keyAtHand(ring: KeyRing, stored: StoredFile, { source }: NewKey): Promise<NewlyKept> {
	return source === "machine"
		? { key: await ring.settleMachine(stored), description: undefined }
		: { key: await ring.forWriting(stored), description: keyOf(stored) };
}

/** A key that seals nothing is of use to a thief alone. */
async function forget(store: SecretStore, description: KeyDescription | undefined): Promise<void> {
	if (description?.source === "keychain") await (await store.parts.keychain())?.remove(description);
}

function noKeychain(): RequestError {
	return new RequestError(
		503,
		"keychain_unavailable",
		"This system has no keychain that can be reached (`security` on macOS, `secret-tool` of libsecret on Linux); nothing was changed",
	);
}

function sealAnew(
	stored: StoredFile,
	keys: readonly Key[],
	key: Key,
	random: { bytes(length: number): Uint8Array },
): { file: StoredFile; sealed: number; left: string[] } {
	const left: string[] = [];
	let file = stored;
	let sealed = 0;
	for (const [name, secret] of stored.secrets) {
		const opened = openAt(name, secret, keys);
		if (typeof opened === "string") left.push(name);
		else {
			file = file.withSecret(name, { ...secret, ...sealFor(name, opened.text, key, random) });
			sealed++;
		}
	}
	for (const { name, opened } of openTexts(stored, keys)) {
		if (typeof opened === "string") left.push(placeOf(name));
		else file = withSealedText(file, name, sealFor(placeOf(name), opened.text, key, random));
	}
	return { file, sealed, left };
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
