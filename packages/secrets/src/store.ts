import { isoTime, type World } from "@signet/core";
import type { Exported, Imported } from "./bundle.ts";
import type { VaultCheck } from "./check.ts";
import type { KeyRing, Keys } from "./key-ring.ts";
import type { Keychain } from "./keychain.ts";
import type { Opened, Sealed, Unopened } from "./opening.ts";
import { demandName, demandValue, missing, unopened } from "./problems.ts";
import type { NewKey, Rekeyed } from "./rekey.ts";
import { placeOf, sealedTextsOf, withSealedText } from "./sealed-texts.ts";
import type { StoreFile } from "./store-file.ts";
import type { StoredFile, StoredSecret } from "./stored-file.ts";

/** What a store works with. */
export interface StoreParts {
	readonly file: StoreFile;
	/** Loaded when a value is first sealed or opened. */
	readonly keys: () => Promise<KeyRing>;
	/** That of the system, if it has one that can be reached. */
	readonly keychain: () => Promise<Keychain | undefined>;
	readonly world: Pick<World, "clock" | "random">;
}

/** A secret as it is stored, and what came of opening it. */
export interface OpenedSecret {
	readonly name: string;
	readonly secret: StoredSecret;
	readonly opened: Opened | Unopened;
}

/**
 * The secrets of a workspace. Other processes may change them at any time: each use looks at the file. Values are opened
 * when they are asked for, and kept nowhere.
 */
export class SecretStore {
	constructor(
		/** For what else is done with a vault, such as sealing it anew. */
		readonly parts: StoreParts,
	) {}

	/**
	 * Goes up whenever a value may have changed, also by another process, or by the vault being unlocked. Costs a look at
	 * the file system.
	 */
	get changes(): number {
		return this.parts.file.changes;
	}

	/**
	 * Have a function called whenever `changes` has gone up: at once by what this process does, by what another one does
	 * when it is noticed. Gives what ends that.
	 */
	onChange(listener: () => void): () => void {
		return this.parts.file.onChange(listener);
	}

	/** The names, the oldest first. Needs no key. */
	async list(): Promise<string[]> {
		return [...(await this.parts.file.load()).secrets.keys()];
	}

	/** Whether there is a secret of that name. Needs no key. */
	async has(name: string): Promise<boolean> {
		return (await this.parts.file.load()).secrets.has(name);
	}

	/** Store a value, in place of the one that the name had. Throws an `invalid_request` for what cannot be stored. */
	async put(name: string, value: string): Promise<void> {
		demandName(name);
		demandValue(name, value);
		await this.#findKeys();
		await this.parts.file.change(async (file) => {
			const now = isoTime(this.parts.world.clock.now());
			const { ciphertext, binding } = await this.#seal(file, name, value);
			const created = file.secrets.get(name)?.created ?? now;
			return file.withSecret(name, { ciphertext, created, updated: now, binding });
		});
	}

	/** Remove a secret. Needs no key. Throws a `not_found` when there is none of that name. */
	async delete(name: string): Promise<void> {
		demandName(name);
		await this.parts.file.change(async (file) => {
			if (!file.secrets.has(name)) throw missing(name);
			return file.withoutSecret(name);
		});
	}

	/** The value of a secret. Throws a `RequestError` that says why it cannot be had. */
	async resolve(name: string): Promise<string> {
		return (await this.resolveAll([name])).get(name) ?? "";
	}

	/** The values of secrets by name. Throws for the first that cannot be had, as `resolve` does. */
	async resolveAll(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
		const file = await this.parts.file.load();
		for (const name of names) if (!file.secrets.has(name)) throw missing(name);
		if (names.length === 0) return new Map();
		const { secrets, keys } = await this.open(file, names);
		await this.#settle(secrets, keys);
		return new Map(
			secrets.map(({ name, opened }) => {
				if (typeof opened === "string") throw unopened(name, opened, keys.locked);
				return [name, opened.text];
			}),
		);
	}

	/**
	 * All values that can be opened, by name. Throws a `RequestError` when the store cannot be read, or is locked: what
	 * is in it is not known then.
	 */
	async values(): Promise<ReadonlyMap<string, string>> {
		const file = await this.parts.file.load();
		if (file.secrets.size === 0) return new Map();
		const { secrets, keys } = await this.open(file, [...file.secrets.keys()]);
		await this.#settle(secrets, keys);
		const values = new Map<string, string>();
		for (const { name, opened } of secrets) {
			if (typeof opened !== "string") values.set(name, opened.text);
			else if (opened === "foreign" && keys.locked !== undefined) throw unopened(name, opened, keys.locked);
		}
		return values;
	}

	/**
	 * A text of ours that is kept with the secrets and sealed like them, such as who may use which; undefined when there
	 * is none. Throws a `RequestError` when it cannot be opened, or somebody has changed it.
	 */
	async sealedText(name: string): Promise<string | undefined> {
		return this.#openText(await this.parts.file.load(), name);
	}

	/** Change such a text; undefined takes it away. Nobody else changes anything meanwhile. */
	async changeSealedText(name: string, change: (text: string | undefined) => string | undefined): Promise<void> {
		await this.#findKeys();
		await this.parts.file.change(async (file) => {
			const text = change(await this.#openText(file, name));
			return withSealedText(file, name, text === undefined ? undefined : await this.#seal(file, placeOf(name), text));
		});
	}

	/** Open a vault that is sealed by a passphrase, until this process ends. Throws a `RequestError` for a wrong one. */
	async unlock(passphrase: string): Promise<void> {
		await (await this.parts.keys()).unlock(await this.parts.file.load(), passphrase);
		this.parts.file.changed();
	}

	/** Open every secret, and say what cannot be. Changes nothing, and never throws for what it finds. */
	async check(): Promise<VaultCheck> {
		const { checkVault } = await import("./check.ts");
		return checkVault(this);
	}

	/** Seal every secret anew; see `rekey`. */
	async rekey(to: NewKey): Promise<Rekeyed> {
		const { rekey } = await import("./rekey.ts");
		return rekey(this, to);
	}

	/** All secrets for another machine, sealed under a passphrase; see `exportSecrets`. */
	async export(passphrase: string): Promise<Exported> {
		const { exportSecrets } = await import("./bundle.ts");
		return exportSecrets(this, passphrase);
	}

	/** Take in what was exported; see `importSecrets`. */
	async import(text: string, passphrase: string, options?: { isReplacing?: boolean }): Promise<Imported> {
		const { importSecrets } = await import("./bundle.ts");
		return importSecrets(this, text, passphrase, options);
	}

	/** Open some secrets of a file, in the order of their names; those that are not in it are left out. */
	async open(file: StoredFile, names: readonly string[]): Promise<{ secrets: readonly OpenedSecret[]; keys: Keys }> {
		const { openAt } = await import("./opening.ts");
		const keys = await (await this.parts.keys()).forReading(file);
		const secrets = names.flatMap((name) => {
			const secret = file.secrets.get(name);
			return secret ? [{ name, secret, opened: openAt(name, secret, keys.all) }] : [];
		});
		return { secrets, keys };
	}

	/** What may take seconds, or ask a person, before others have to wait. */
	async #findKeys(): Promise<void> {
		await (await this.parts.keys()).forReading(await this.parts.file.load());
	}

	/** Tomorrow the machine may be called otherwise. Whether that can be written down is no matter of who wants a value. */
	async #settle(secrets: readonly OpenedSecret[], { isUnsettled, main }: Keys): Promise<void> {
		const isOurs = secrets.some(({ opened }) => typeof opened !== "string" && opened.key === main);
		if (!isUnsettled || !isOurs) return;
		const { file, keys } = this.parts;
		await file.folder.exclusively(async () => (await keys()).settleMachine(await file.load())).catch(() => undefined);
	}

	async #seal(file: StoredFile, place: string, text: string): Promise<Required<Sealed> & { binding: string }> {
		const { sealFor } = await import("./opening.ts");
		return sealFor(place, text, await (await this.parts.keys()).forWriting(file), this.parts.world.random);
	}

	async #openText(file: StoredFile, name: string): Promise<string | undefined> {
		const sealed = sealedTextsOf(file).get(name);
		if (!sealed) return undefined;
		const { openAt } = await import("./opening.ts");
		const keys = await (await this.parts.keys()).forReading(file);
		const opened = openAt(placeOf(name), sealed, keys.all);
		if (typeof opened !== "string" && opened.isBound) return opened.text;
		throw unopened(name, typeof opened === "string" ? opened : "moved", keys.locked);
	}
}
