import * as z from "zod/mini";
import type { StoredFile } from "./stored-file.ts";

/**
 * Texts of ours that are kept with the secrets, sealed like them. They stand at the top of the file, where the earlier
 * daemon leaves them alone whatever it does with a secret.
 */
const FIELD = "sealed";

const schema = () => z.record(z.string(), z.object({ ciphertext: z.string(), binding: z.string() }));

export interface SealedText {
	readonly ciphertext: string;
	readonly binding: string;
}

/** The sealed texts of a file by name. What is none there is taken for one that nothing opens. */
export function sealedTextsOf(file: StoredFile): ReadonlyMap<string, SealedText> {
	const given = file.field(FIELD);
	if (given === undefined) return new Map();
	const parsed = schema().safeParse(given);
	if (parsed.success) return new Map(Object.entries(parsed.data));
	const names = typeof given === "object" && given !== null ? Object.keys(given) : [];
	return new Map(names.map((name) => [name, { ciphertext: "", binding: "" }]));
}

/** The same file with another text, or without it. */
export function withSealedText(file: StoredFile, name: string, text: SealedText | undefined): StoredFile {
	const texts = new Map(sealedTextsOf(file));
	if (text) texts.set(name, { ciphertext: text.ciphertext, binding: text.binding });
	else texts.delete(name);
	return file.withField(FIELD, texts.size === 0 ? undefined : Object.fromEntries(texts));
}

/** What a text is bound to; no secret can be called so. */
export function placeOf(name: string): string {
	return `sealed:${name}`;
}
