import { messageOf, RequestError } from "@signet/core";
import type { KeySource } from "./key-source.ts";
import type { Opened, Unopened } from "./opening.ts";
import { placeOf } from "./sealed-texts.ts";
import { STORE } from "./secrets-folder.ts";
import type { OpenedSecret, SecretStore } from "./store.ts";

/** How a vault is. Names alone, no values. */
export interface VaultCheck {
	/** `unreadable`: the file is no store. `locked`: its key is not known now. */
	readonly state: "absent" | "open" | "locked" | "unreadable";
	/** Why it is locked or unreadable, and what to do. */
	readonly problem?: string;
	readonly source?: KeySource;
	readonly total: number;
	/** Secrets, and texts of ours, that cannot be opened, and why. */
	readonly unopened: readonly { readonly name: string; readonly why: Unopened }[];
	/** Secrets that another key of this machine opens than the one that seals what is new. */
	readonly otherKey: readonly string[];
	/** Secrets that are not proved to belong to their names: the earlier daemon stored them. */
	readonly unbound: readonly string[];
	/** The folder or files of it that others than their owner may read or change. */
	readonly openToOthers: readonly string[];
}

/** Open every secret, and say what cannot be. Changes nothing. Never throws for what it finds. */
export async function checkVault(store: SecretStore): Promise<VaultCheck> {
	const { file } = store.parts;
	const nothing = { total: 0, unopened: [], otherKey: [], unbound: [], openToOthers: file.folder.openToOthers() };
	try {
		if (file.folder.stampOf(STORE) === "") return { ...nothing, state: "absent" };
		const stored = await file.load();
		const { secrets, keys } = await store.open(stored, [...stored.secrets.keys()]);
		const [{ openTexts }, { isSameKey }] = await Promise.all([import("./opened-texts.ts"), import("./sealing.ts")]);
		const texts = openTexts(stored, keys.all).map(({ name, opened }) => ({ name: placeOf(name), opened }));
		const { source, locked, main } = keys;
		const isLeftToKey = (why: Unopened) => why === "foreign" && locked !== undefined;
		return {
			...nothing,
			state: locked === undefined ? "open" : "locked",
			...(locked !== undefined && { problem: locked }),
			source,
			total: secrets.length,
			unopened: [...secrets, ...texts].flatMap(({ name, opened }) =>
				typeof opened === "string" && !isLeftToKey(opened) ? [{ name, why: opened }] : [],
			),
			otherKey: namesOf(secrets, ({ key }) => main !== undefined && !isSameKey(key, main)),
			unbound: namesOf(secrets, ({ isBound }) => !isBound),
		};
	} catch (error) {
		if (!(error instanceof RequestError)) throw error;
		return { ...nothing, state: "unreadable", problem: messageOf(error) };
	}
}

function namesOf(secrets: readonly OpenedSecret[], isMeant: (opened: Opened) => boolean): string[] {
	return secrets.flatMap(({ name, opened }) => (typeof opened !== "string" && isMeant(opened) ? [name] : []));
}
