/**
 * The kinds of settings. A tree of keys describes a part of the configuration: each key stands there once with its
 * default, its range, its older names and what it is for.
 */
export interface KeyOf<Kind extends string, T> extends KeyOptions {
	readonly kind: Kind;
	/** What it is for, in one line. */
	readonly description: string;
	/** What holds where nothing is said. */
	readonly default: T;
}

export interface KeyOptions {
	/**
	 * Older names, consulted in this order where the key itself is absent: paths under the section, or under the whole
	 * file when they begin with a slash.
	 */
	readonly aliases?: readonly string[];
	/** What holds where nothing is said, when that depends on something else. */
	readonly defaultNote?: string;
	/** What a value that cannot be used counts as, when that is not the default. */
	readonly otherwise?: string | boolean;
	/** A variable of the environment that says the same, and which of the two wins. */
	readonly environment?: { readonly name: string; readonly beatsFile: boolean };
	/** Its value is shown to nobody. */
	readonly isSecret?: true;
	/** May refer to a secret (`$secret:NAME`): whoever uses it looks the value up. */
	readonly mayBeSecret?: true;
	/** Read when the daemon starts, and not again. */
	readonly isReadAtStart?: true;
}

export interface NumberKey<T extends number | undefined = number> extends KeyOf<"number", T>, NumberOptions {
	readonly min: number;
	readonly max: number;
}
export interface NumberOptions extends KeyOptions {
	/** Fractions are cut off. */
	readonly isWhole?: true;
	/** A value outside the range counts as said wrongly; otherwise the nearest value of the range is used. */
	readonly isStrict?: true;
}
export type FlagKey = KeyOf<"flag", boolean>;
export type TextKey<T extends string | undefined = string> = KeyOf<"text", T>;
export interface ChoiceKey<T> extends KeyOf<"choice", T> {
	readonly choices: readonly string[];
	/** Whatever stands there is passed on as it stands: the daemon refuses to start with what it does not know. */
	readonly isRefused?: true;
}
/** A list of texts. */
export type TextsKey = KeyOf<"texts", readonly string[]>;
/** Names of the reader's own, each true or false. */
export type FlagsKey = KeyOf<"flags", Readonly<Record<string, boolean>>>;
/** What other programs keep there; passed on as it stands. */
export type AnythingKey = KeyOf<"anything", unknown>;

export type Key =
	| NumberKey<number | undefined>
	| FlagKey
	| TextKey<string | undefined>
	| ChoiceKey<unknown>
	| TextsKey
	| FlagsKey
	| AnythingKey;

/** A part with a heading of its own. Older names of the keys in it begin at it. */
export interface KeySection<T extends Keys = Keys> {
	readonly kind: "section";
	readonly description: string;
	readonly keys: T;
	/** Where else the whole section may stand, as paths; the first place that holds anything is read alone. */
	readonly elsewhere: readonly string[];
}
export type KeyEntry = Key | KeySection | Keys;
export interface Keys {
	readonly [name: string]: KeyEntry;
}

/** What a tree of keys reads as. */
export type Values<T extends Keys> = { readonly [K in keyof T]: ValueOf<T[K]> };
type ValueOf<E> =
	E extends KeySection<infer T> ? Values<T> : E extends KeyOf<string, infer V> ? V : E extends Keys ? Values<E> : never;

type Range = readonly [min: number, max: number];

/** A number; one outside the range becomes the nearest one in it. */
export function number(
	defaultValue: number,
	[min, max]: Range,
	description: string,
	options: NumberOptions = {},
): NumberKey {
	return { kind: "number", default: defaultValue, min, max, description, ...options };
}
export function optionalNumber(
	[min, max]: Range,
	description: string,
	options: NumberOptions = {},
): NumberKey<number | undefined> {
	return { kind: "number", default: undefined, min, max, description, ...options };
}
/** A number from 0 to 1. */
export function fraction(defaultValue: number, description: string, options: NumberOptions = {}): NumberKey {
	return number(defaultValue, [0, 1], description, options);
}
/** Any number above 0; others count as said wrongly. */
export function positive(defaultValue: number, description: string, options: NumberOptions = {}): NumberKey {
	const range: Range = [Number.MIN_VALUE, Number.POSITIVE_INFINITY];
	return number(defaultValue, range, description, { isStrict: true, ...options });
}
export function flag(defaultValue: boolean, description: string, options: KeyOptions = {}): FlagKey {
	return { kind: "flag", default: defaultValue, description, ...options };
}
export function text(defaultValue: string, description: string, options: KeyOptions = {}): TextKey {
	return { kind: "text", default: defaultValue, description, ...options };
}
export function optionalText(description: string, options: KeyOptions = {}): TextKey<string | undefined> {
	return { kind: "text", default: undefined, description, ...options };
}
export function choice<const T extends string>(
	defaultValue: NoInfer<T>,
	choices: readonly T[],
	description: string,
	options: KeyOptions = {},
): ChoiceKey<T> {
	return { kind: "choice", default: defaultValue, choices, description, ...options };
}
export function optionalChoice<const T extends string>(
	choices: readonly T[],
	description: string,
	options: KeyOptions = {},
): ChoiceKey<T | undefined> {
	return { kind: "choice", default: undefined, choices, description, ...options };
}
/** A choice that nothing may be guessed for. */
export function refusedChoice(
	defaultValue: string,
	choices: readonly string[],
	description: string,
	options: KeyOptions = {},
): ChoiceKey<unknown> {
	return { kind: "choice", default: defaultValue, choices, description, isRefused: true, ...options };
}
export function texts(description: string, options: KeyOptions = {}): TextsKey {
	return { kind: "texts", default: [], description, ...options };
}
export function flags(description: string, options: KeyOptions = {}): FlagsKey {
	return { kind: "flags", default: {}, description, ...options };
}
export function anything(description: string): AnythingKey {
	return { kind: "anything", default: undefined, description };
}
export function section<const T extends Keys>(
	description: string,
	keys: T,
	elsewhere: readonly string[] = [],
): KeySection<T> {
	return { kind: "section", description, keys, elsewhere };
}

export function isKeySection(entry: KeyEntry): entry is KeySection {
	return entry.kind === "section";
}
export function isKey(entry: KeyEntry): entry is Key {
	return typeof entry.kind === "string" && entry.kind !== "section";
}
