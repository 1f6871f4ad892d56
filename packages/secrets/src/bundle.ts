import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { invalidRequest, isoTime, isSecretName, parseTime } from "@signet/core";
import * as z from "zod/mini";
import { openTexts } from "./opened-texts.ts";
import { sealFor } from "./opening.ts";
import { demandPassphrase, derivationSchema, newDerivation, type PassphraseCost, passphraseKey } from "./passphrase.ts";
import { unopened } from "./problems.ts";
import { placeOf, sealedTextsOf, withSealedText } from "./sealed-texts.ts";
import { NONCE_BYTES } from "./sealing.ts";
import type { SecretStore } from "./store.ts";

/**
 * Secrets on their way to another machine: one JSON file, sealed under a passphrase of its own. All that is not sealed
 * in it is proved to be as it was written.
 */

const KIND = "signet-secrets";
const VERSION = 1;

const headSchema = () =>
	z.object({
		kind: z.literal(KIND),
		version: z.literal(VERSION),
		cipher: z.literal("xchacha20-poly1305"),
		...derivationSchema().shape,
		/** Base64. */
		nonce: z.base64(),
	});
type Head = z.infer<ReturnType<typeof headSchema>>;

const contentSchema = () =>
	z.object({
		exportedAt: z.string(),
		secrets: z.array(
			z.object({
				name: z.string().check(z.refine(isSecretName)),
				value: z.string().check(z.minLength(1)),
				created: z.string(),
				updated: z.string(),
			}),
		),
		/** What is said of secrets, such as who may use which. */
		texts: z.record(z.string(), z.string()),
	});
type Content = z.infer<ReturnType<typeof contentSchema>>;

export interface Exported {
	readonly text: string;
	readonly count: number;
	/** Secrets that cannot be opened, and so are not in it. */
	readonly left: readonly string[];
}

/** All secrets that can be opened, sealed under a passphrase. Throws a `RequestError` when the vault is locked. */
export async function exportSecrets(store: SecretStore, passphrase: string, cost?: PassphraseCost): Promise<Exported> {
	demandPassphrase(passphrase);
	const { world } = store.parts;
	const file = await store.parts.file.load();
	const { secrets, keys } = await store.open(file, [...file.secrets.keys()]);
	const left: string[] = [];
	const content: Content = { exportedAt: isoTime(world.clock.now()), secrets: [], texts: {} };
	for (const { name, secret, opened } of secrets) {
		if (typeof opened !== "string") {
			content.secrets.push({ name, value: opened.text, created: secret.created, updated: secret.updated });
		} else if (opened === "foreign" && keys.locked !== undefined) throw unopened(name, opened, keys.locked);
		else left.push(name);
	}
	for (const { name, opened } of openTexts(file, keys.all)) {
		if (typeof opened === "string") left.push(placeOf(name));
		else content.texts[name] = opened.text;
	}
	const head: Head = {
		kind: KIND,
		version: VERSION,
		cipher: "xchacha20-poly1305",
		...newDerivation(world.random, cost),
		nonce: Buffer.from(world.random.bytes(NONCE_BYTES)).toString("base64"),
	};
	const cipher = await cipherOf(head, passphrase);
	const sealed = Buffer.from(cipher.encrypt(Buffer.from(JSON.stringify(content)))).toString("base64");
	return { text: `${JSON.stringify({ ...head, sealed }, null, 2)}\n`, count: content.secrets.length, left };
}

export interface Imported {
	readonly added: readonly string[];
	readonly replaced: readonly string[];
	/** Names that are taken here, and stay what they are. */
	readonly kept: readonly string[];
}

/**
 * Take in the secrets of such a file, all or none; they keep their times. What the name has here already is kept unless
 * `isReplacing`. Throws an `invalid_request` for another file, or a wrong passphrase.
 */
export async function importSecrets(
	store: SecretStore,
	text: string,
	passphrase: string,
	{ isReplacing = false } = {},
): Promise<Imported> {
	const { secrets, texts } = await openBundle(text, passphrase);
	const imported = { added: [] as string[], replaced: [] as string[], kept: [] as string[] };
	if (secrets.length === 0 && Object.keys(texts).length === 0) return imported;
	await store.parts.file.change(async (before) => {
		const key = await (await store.parts.keys()).forWriting(before);
		const { random } = store.parts.world;
		let file = before;
		for (const { name, value, created, updated } of secrets) {
			const isTaken = before.secrets.has(name);
			imported[isTaken ? (isReplacing ? "replaced" : "kept") : "added"].push(name);
			if (isTaken && !isReplacing) continue;
			file = file.withSecret(name, { ...sealFor(name, value, key, random), created, updated });
		}
		for (const [name, content] of Object.entries(texts)) {
			if (sealedTextsOf(before).has(name) && !isReplacing) continue;
			file = withSealedText(file, name, sealFor(placeOf(name), content, key, random));
		}
		return file;
	});
	return imported;
}

async function openBundle(text: string, passphrase: string): Promise<Content> {
	const parsed = z.extend(headSchema(), { sealed: z.base64() }).safeParse(jsonOf(text));
	if (!parsed.success) {
		throw invalidRequest("The file is no export of secrets, or a later version of the program has made it");
	}
	const { sealed, ...head } = parsed.data;
	const cipher = await cipherOf(head, passphrase);
	let opened: Uint8Array;
	try {
		opened = cipher.decrypt(Buffer.from(sealed, "base64"));
	} catch {
		throw invalidRequest("That is not the passphrase of the file, or the file is damaged");
	}
	const content = contentSchema().safeParse(jsonOf(new TextDecoder("utf-8", { ignoreBOM: true }).decode(opened)));
	const isSound = content.success && content.data.secrets.every(hasTimes);
	if (!isSound) throw invalidRequest("The file holds something else than secrets");
	return content.data;
}

function hasTimes({ created, updated }: Content["secrets"][number]): boolean {
	return parseTime(created) !== undefined && parseTime(updated) !== undefined;
}

/** What is written beside the sealed part is proved by it, in whatever order it stands. */
async function cipherOf({ kind, version, cipher, nonce, ...derivation }: Head, passphrase: string) {
	const { kdf, memoryKiB, passes, lanes, salt } = derivation;
	const head = JSON.stringify([kind, version, cipher, kdf, memoryKiB, passes, lanes, salt, nonce]);
	const key = await passphraseKey(passphrase, { kdf, memoryKiB, passes, lanes, salt });
	return xchacha20poly1305(key, Buffer.from(nonce, "base64"), Buffer.from(head));
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
