import { condensed } from "./content.ts";

/** A text in which each secret has its name instead of its value. */
export interface Cleaned {
	readonly text: string;
	/** Names of the secrets that were in it. */
	readonly found: readonly string[];
}

/** Takes what must not be kept out of texts. */
export interface TextCleaner {
	clean(text: string): Cleaned;
}

/** Watches over texts on their way to where they are kept. */
export interface TextGuard {
	/** What cleans texts by all that is secret at this moment. Never rejects: what cannot be known holds nothing up. */
	ready(): Promise<TextCleaner>;
}

/** Leaves every text as it is. */
export const noCleaner: TextCleaner = { clean: (text) => ({ text, found: [] }) };

/** Where there are no secrets. */
export const noGuard: TextGuard = { ready: async () => noCleaner };

/** The text of a memory; it is kept with single blanks, which may make whole what the end of a line has divided. */
const CONTENT = "content";

/** A text among some fields, cleaned as what is kept under that name has to be. */
export function cleanField(name: string, text: string, cleaner: TextCleaner): string {
	const cleaned = cleaner.clean(text).text;
	if (name !== CONTENT) return cleaned;
	const kept = condensed(cleaned);
	if (kept === cleaned) return cleaned;
	const again = cleaner.clean(kept);
	return again.found.length === 0 ? cleaned : again.text;
}

/** The texts among some values, cleaned; everything else as it is. */
export function cleanFields<T extends object>(fields: T, cleaner: TextCleaner): T {
	if (cleaner === noCleaner) return fields;
	let cleaned: T = fields;
	for (const [name, value] of Object.entries(fields)) {
		if (typeof value !== "string") continue;
		const text = cleanField(name, value, cleaner);
		if (text !== value) cleaned = { ...cleaned, [name]: text };
	}
	return cleaned;
}

/** As `cleanFields`, however deep in lists and objects the texts are, and in the names of members too. */
export function cleanDeep(value: unknown, cleaner: TextCleaner): unknown {
	if (typeof value === "string") return cleaner.clean(value).text;
	if (Array.isArray(value)) return value.map((item) => cleanDeep(item, cleaner));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [cleaner.clean(name).text, cleanDeep(member, cleaner)]),
	);
}
