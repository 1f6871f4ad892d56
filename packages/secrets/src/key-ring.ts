import { messageOf, RequestError } from "@signet/core";
import { type KeyDescription, type KeySource, keyOf } from "./key-source.ts";
import type { Keychain } from "./keychain.ts";
import type { MachineKeys } from "./machine-keys.ts";
import type { KnownPassphrase } from "./passphrase.ts";
import { passphraseKey } from "./passphrase.ts";
import { lockedError } from "./problems.ts";
import { KEY_BYTES, type Key, keyProof } from "./sealing.ts";
import type { StoredFile } from "./stored-file.ts";

/** The keys of a store. */
export interface Keys {
	readonly source: KeySource;
	/** Seals what is new; undefined while it is not known. */
	readonly main: Key | undefined;
	/** Why it is not known, and what to do. */
	readonly locked: string | undefined;
	/** All that may open something, the main one first: the earlier daemon seals under the machine's whatever we do. */
	readonly all: readonly Key[];
	/** Whether the identity of the machine is yet to be written down. */
	readonly isUnsettled: boolean;
}

export interface KeyRingOptions {
	readonly machine: MachineKeys;
	readonly keychain: () => Promise<Keychain | undefined>;
	/** A passphrase that is known without asking anybody; asked for when one is needed. */
	readonly passphrase: () => Promise<KnownPassphrase | undefined>;
}

type PassphraseDescription = Extract<KeyDescription, { source: "passphrase" }>;
type KeychainDescription = Extract<KeyDescription, { source: "keychain" }>;

/** Finds the keys of a store, and remembers those that are hard to come by. */
export class KeyRing {
	/** By what proves them. */
	readonly #known = new Map<string, Key>();
	/** Why the passphrase that is known is of no use, by the proof of the key: each try takes a second. */
	readonly #refused = new Map<string, string>();
	/** What is being looked for, so that many who want it wait for the same. */
	readonly #finding = new Map<string, Promise<Key | string>>();
	#isUnlocking = false;

	constructor(private readonly options: KeyRingOptions) {}

	/** The keys that open what is in a store. Throws a `RequestError` only when the store says what nobody can read. */
	async forReading(file: StoredFile): Promise<Keys> {
		const description = keyOf(file);
		const { keys, isSettled } = await this.options.machine.list();
		if (description === undefined) {
			return { source: "machine", main: keys[0], locked: undefined, all: keys, isUnsettled: !isSettled };
		}
		const found = await this.#find(description);
		const isKnown = typeof found !== "string";
		return {
			source: description.source,
			main: isKnown ? found : undefined,
			locked: isKnown ? undefined : found,
			all: isKnown ? [found, ...keys] : keys,
			isUnsettled: false,
		};
	}

	/** The key that seals what is new. Only under the lock. Throws a `RequestError` while it is not known. */
	async forWriting(file: StoredFile): Promise<Key> {
		const { source, main, locked } = await this.forReading(file);
		if (source === "machine") return this.options.machine.settle(file);
		if (main === undefined) throw lockedError(locked);
		return main;
	}

	/** Write down which machine this is, if that is not done; gives its key. Only under the lock. */
	settleMachine(file: StoredFile): Promise<Key> {
		return this.options.machine.settle(file);
	}

	/** Remember a key that was just made. */
	learn(key: Key): string {
		const proof = keyProof(key);
		this.#known.set(proof, key);
		return proof;
	}

	/** Take a passphrase. Throws a `RequestError` when it is the wrong one, or none is wanted. */
	async unlock(file: StoredFile, passphrase: string): Promise<void> {
		const description = keyOf(file);
		if (description?.source !== "passphrase") {
			throw new RequestError(409, "no_passphrase", "The secrets are not sealed by a passphrase");
		}
		if (this.#isUnlocking) {
			throw new RequestError(429, "passphrase_being_tried", "Another passphrase is being tried; wait for its answer");
		}
		this.#isUnlocking = true;
		try {
			const key = await keyBehind(description, passphrase);
			if (!key) throw new RequestError(403, "wrong_passphrase", "That is not the passphrase of the secrets");
			this.#known.set(description.proof, key);
		} finally {
			this.#isUnlocking = false;
		}
	}

	async #find(description: KeyDescription): Promise<Key | string> {
		const { proof } = description;
		const known = this.#known.get(proof) ?? this.#refused.get(proof) ?? this.#finding.get(proof);
		if (known !== undefined) return known;
		const found = description.source === "passphrase" ? this.#byPassphrase(description) : this.#inKeychain(description);
		this.#finding.set(proof, found);
		try {
			const key = await found;
			if (typeof key !== "string") this.#known.set(proof, key);
			return key;
		} finally {
			this.#finding.delete(proof);
		}
	}

	async #byPassphrase(description: PassphraseDescription): Promise<Key | string> {
		const given = await this.options.passphrase().catch((error: unknown) => messageOf(error));
		if (typeof given === "string") return given;
		if (!given) return "their passphrase has not been given; say it with `signet secret unlock`";
		const key = await keyBehind(description, given.text);
		if (key) return key;
		const problem = `${given.from} is not their passphrase`;
		this.#refused.set(description.proof, problem);
		return problem;
	}

	async #inKeychain({ service, account, proof }: KeychainDescription): Promise<Key | string> {
		const keychain = await this.options.keychain();
		if (!keychain) return "their key is in the keychain of a system, and this one has none that can be reached";
		const key = Buffer.from((await keychain.read({ service, account })) ?? "", "hex");
		if (key.length !== KEY_BYTES || keyProof(key) !== proof) {
			return "their key is not in the keychain of this system; unlock it, or log in as the one whose keychain it is";
		}
		return key;
	}
}

/** The key of a passphrase, if it is the right one. */
async function keyBehind(
	{ kdf, memoryKiB, passes, lanes, salt, proof }: PassphraseDescription,
	passphrase: string,
): Promise<Key | undefined> {
	const key = await passphraseKey(passphrase, { kdf, memoryKiB, passes, lanes, salt });
	return keyProof(key) === proof ? key : undefined;
}
