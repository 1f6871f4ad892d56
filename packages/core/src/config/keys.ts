/**
 * The kinds of settings, and reading a section of a document by a tree of them. The tree is the documentation of the
 * section: each key stands there once with its default, its range and its older flat name.
 */
import { isSection } from "./document.ts";
import type { Section } from "./simple-yaml.ts";

interface KeyOf<Kind extends string, T> {
	readonly kind: Kind;
	readonly default: T;
	/** Older name directly under the section; consulted only where the nested key is absent. */
	readonly alias?: string;
}
export interface NumberKey extends KeyOf<"number", number> {
	readonly min: number;
	readonly max: number;
}
export type FlagKey = KeyOf<"flag", boolean>;
export type TextKey = KeyOf<"text", string>;
export interface ChoiceKey<T extends string> extends KeyOf<"choice", T> {
	readonly choices: readonly T[];
}
export type Key = NumberKey | FlagKey | TextKey | ChoiceKey<string>;
export interface Keys {
	readonly [name: string]: Key | Keys;
}

/** What a tree of keys reads as. */
export type Values<T extends Keys> = {
	readonly [K in keyof T]: T[K] extends ChoiceKey<infer C>
		? C
		: T[K] extends KeyOf<string, infer V>
			? V
			: T[K] extends Keys
				? Values<T[K]>
				: never;
};

export function number(defaultValue: number, min: number, max: number, alias?: string): NumberKey {
	return { kind: "number", default: defaultValue, min, max, ...(alias && { alias }) };
}
export function fraction(defaultValue: number, alias?: string): NumberKey {
	return number(defaultValue, 0, 1, alias);
}
export function flag(defaultValue: boolean, alias?: string): FlagKey {
	return { kind: "flag", default: defaultValue, ...(alias && { alias }) };
}
export function text(defaultValue: string, alias?: string): TextKey {
	return { kind: "text", default: defaultValue, ...(alias && { alias }) };
}
export function choice<const T extends string>(
	defaultValue: NoInfer<T>,
	choices: readonly T[],
	alias?: string,
): ChoiceKey<T> {
	return { kind: "choice", default: defaultValue, choices, ...(alias && { alias }) };
}

/** Told of each value that is not used as it stands: `path` with its section, such as `search.alpha`. */
export type Warn = (path: string, problem: string) => void;

/** Read `section` by `keys`. What is absent or unusable takes its default; numbers are clamped into their range. */
export function readKeys<T extends Keys>(keys: T, section: Section, path: string, warn: Warn): Values<T> {
	return readTree(keys, section, section, path, warn) as Values<T>;
}

function readTree(keys: Keys, nested: Section, flat: Section, path: string, warn: Warn): Record<string, unknown> {
	const values: Record<string, unknown> = {};
	for (const [name, key] of Object.entries(keys)) {
		const keyPath = `${path}.${name}`;
		if (isKey(key)) {
			const present = nested[name] ?? undefined;
			const given = present === undefined && key.alias !== undefined ? flat[key.alias] : present;
			values[name] = readKey(key, given, keyPath, warn);
		} else {
			const inner = nested[name];
			values[name] = readTree(key, isSection(inner) ? inner : {}, flat, keyPath, warn);
		}
	}
	return values;
}

/** Read a single value. */
export function readKey(key: Key, given: unknown, path: string, warn: Warn): string | number | boolean {
	if (given === undefined || given === null) return key.default;
	const value = coerce(key, given);
	if (value === undefined) {
		warn(path, `${JSON.stringify(given)} is ${expectation(key)}; ${JSON.stringify(key.default)} is used`);
		return key.default;
	}
	if (key.kind !== "number" || typeof value !== "number") return value;
	const clamped = Math.min(key.max, Math.max(key.min, value));
	if (clamped !== value) warn(path, `${value} is outside ${key.min} to ${key.max}; ${clamped} is used`);
	return clamped;
}

function isKey(key: Key | Keys): key is Key {
	return typeof key.kind === "string";
}

function coerce(key: Key, given: unknown): string | number | boolean | undefined {
	switch (key.kind) {
		case "number":
			return coerceNumber(given);
		case "flag":
			return coerceFlag(given);
		case "text":
			return typeof given === "string" ? given : undefined;
		case "choice":
			return typeof given === "string" && key.choices.includes(given) ? given : undefined;
	}
}

function coerceNumber(given: unknown): number | undefined {
	const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
	return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function coerceFlag(given: unknown): boolean | undefined {
	if (typeof given === "boolean") return given;
	if (given === "true") return true;
	return given === "false" ? false : undefined;
}

function expectation(key: Key): string {
	switch (key.kind) {
		case "number":
			return `no number from ${key.min} to ${key.max}`;
		case "flag":
			return "neither true nor false";
		case "text":
			return "no text";
		case "choice":
			return `none of ${key.choices.join(", ")}`;
	}
}
