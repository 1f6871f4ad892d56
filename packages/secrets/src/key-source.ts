import { RequestError } from "@signet/core";
import * as z from "zod/mini";
import { derivationSchema } from "./passphrase.ts";
import type { StoredFile } from "./stored-file.ts";

/** Where the key comes from that seals what is new. `machine` is what the earlier daemon knows. */
export type KeySource = "machine" | "passphrase" | "keychain";

/** At the top of a store; without it the key is the machine's. The earlier daemon keeps the field and does not read it. */
const FIELD = "key";

/** Goes into the words of commands. */
const plainName = () => z.string().check(z.regex(/^[A-Za-z0-9 ._-]{1,100}$/));

const schema = () =>
	z.discriminatedUnion("source", [
		z.extend(derivationSchema(), { source: z.literal("passphrase"), proof: z.string() }),
		z.object({ source: z.literal("keychain"), service: plainName(), account: plainName(), proof: z.string() }),
	]);

/** How to come by the key of a store, and what proves that it is the right one. */
export type KeyDescription = z.infer<ReturnType<typeof schema>>;

/** What a store says of its key; undefined when it is the machine's. Throws a `RequestError` for what nobody can read. */
export function keyOf(file: StoredFile): KeyDescription | undefined {
	const given = file.field(FIELD);
	if (given === undefined) return undefined;
	const parsed = schema().safeParse(given);
	if (parsed.success) return parsed.data;
	throw new RequestError(
		503,
		"secrets_key_unknown",
		'The secrets are sealed in a way that this version does not know (the field "key" of secrets.enc); nothing was changed',
	);
}

/** The same store, with another key. */
export function withKey(file: StoredFile, description: KeyDescription | undefined): StoredFile {
	if (description === undefined) return file.withField(FIELD, undefined);
	const { source, ...rest } = description;
	return file.withField(FIELD, { source, ...rest });
}
