/** Whether a value will do for a key, and what is used when it will not. */
import { referredSecret } from "../secret-reference.ts";
import { isSection } from "./document.ts";
import type { FlagsKey, Key, NumberKey } from "./keys.ts";

/** What is wrong with a value: it is of another kind, or beyond the range. */
export interface Fault {
	readonly kind: "type" | "range";
	/** Such as `5000 is outside 1 to 1000`. */
	readonly text: string;
}

export interface Judgement {
	/** What holds: the value, one near it, or what holds without it. */
	readonly value: unknown;
	readonly fault?: Fault;
}

/** Judge what stands at a key. What says nothing (null, a blank text, an empty map) counts as absent. */
export function judge(key: Key, given: unknown): Judgement {
	if (isNothing(given)) return { value: key.default };
	switch (key.kind) {
		case "number":
			return judgeNumber(key, given);
		case "flag":
			return orWrong(key, given, flagOf(given));
		case "text":
			if (isMisplacedReference(key, given)) return misplaced(key);
			return orWrong(key, given, typeof given === "string" ? given.trim() : undefined);
		case "choice":
			if (key.isRefused) return judgeRefused(key, given);
			return orWrong(key, given, typeof given === "string" && key.choices.includes(given) ? given : undefined);
		case "texts":
			return orWrong(key, given, isTexts(given) ? given : undefined);
		case "flags":
			return judgeFlags(key, given);
		case "anything":
			return { value: given };
	}
}

/** Whether a value of a document says nothing. */
export function isNothing(given: unknown): boolean {
	if (given === undefined || given === null) return true;
	if (typeof given === "string") return given.trim() === "";
	return isSection(given) && Object.keys(given).length === 0;
}

/** What a key takes, such as `a number from 1 to 1000`. */
export function expectationOf(key: Key): string {
	switch (key.kind) {
		case "number":
			return `a ${key.isWhole ? "whole " : ""}number ${rangeOf(key)}`;
		case "flag":
			return "true or false";
		case "text":
			return "a text";
		case "choice":
			return `one of ${key.choices.join(", ")}`;
		case "texts":
			return "a list of texts";
		case "flags":
			return "names that are true or false";
		case "anything":
			return "anything";
	}
}

/** The numbers that a key takes: `from 1 to 1000`, `above 0`. */
export function rangeOf({ min, max }: NumberKey<number | undefined>): string {
	if (max < Number.POSITIVE_INFINITY) return `from ${min} to ${max}`;
	return min === Number.MIN_VALUE ? "above 0" : `from ${min}`;
}

function judgeNumber(key: NumberKey<number | undefined>, given: unknown): Judgement {
	const number = numberOf(given);
	if (number === undefined) return orWrong(key, given, undefined);
	if (number < key.min || number > key.max) {
		const nearest = Math.min(key.max, Math.max(key.min, number));
		const outside = key.max < Number.POSITIVE_INFINITY ? `outside ${key.min} to ${key.max}` : `not ${rangeOf(key)}`;
		const fault: Fault = { kind: "range", text: `${shown(key, given)} is ${outside}` };
		return { value: key.isStrict ? key.default : nearest, fault };
	}
	if (!key.isWhole || Number.isInteger(number)) return { value: number };
	return { value: Math.trunc(number), fault: { kind: "type", text: `${shown(key, given)} is no whole number` } };
}

function judgeRefused(key: Key & { readonly kind: "choice" }, given: unknown): Judgement {
	if (typeof given === "string" && key.choices.includes(given)) return { value: given };
	return { value: given, fault: wrongType(key, given) };
}

function judgeFlags(key: FlagsKey, given: unknown): Judgement {
	if (!isSection(given)) return orWrong(key, given, undefined);
	const flags: Record<string, boolean> = {};
	const wrong: string[] = [];
	for (const [name, value] of Object.entries(given)) {
		const flag = flagOf(value);
		if (flag !== undefined) flags[name] = flag;
		else if (!isNothing(value)) wrong.push(name);
	}
	if (wrong.length === 0) return { value: flags };
	const verb = wrong.length === 1 ? "is" : "are";
	return { value: flags, fault: { kind: "type", text: `${wrong.join(", ")} ${verb} neither true nor false` } };
}

/** Where nobody looks the secret up, its name would be taken for the value. */
function isMisplacedReference(key: Key, given: unknown): boolean {
	return !key.mayBeSecret && typeof given === "string" && referredSecret(given.trim()) !== undefined;
}

function misplaced(key: Key): Judgement {
	return {
		value: key.otherwise ?? key.default,
		fault: { kind: "type", text: "a reference to a secret is not taken here" },
	};
}

function orWrong(key: Key, given: unknown, value: unknown): Judgement {
	if (value !== undefined) return { value };
	return { value: key.otherwise ?? key.default, fault: wrongType(key, given) };
}

function wrongType(key: Key, given: unknown): Fault {
	return { kind: "type", text: `${shown(key, given)} is ${missedBy(key, given)}` };
}

function missedBy(key: Key, given: unknown): string {
	switch (key.kind) {
		case "number":
			return `no number ${rangeOf(key)}`;
		case "flag":
			return "neither true nor false";
		case "text":
			return typeof given === "object" ? "no text" : "no text unless it stands in quotes";
		case "choice":
			return `none of ${key.choices.join(", ")}`;
		default:
			return `not ${expectationOf(key)}`;
	}
}

function numberOf(given: unknown): number | undefined {
	const value = typeof given === "string" ? Number(given) : given;
	return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** As older files have it, also in quotes. */
function flagOf(given: unknown): boolean | undefined {
	if (typeof given === "boolean") return given;
	if (given === "true") return true;
	return given === "false" ? false : undefined;
}

function isTexts(given: unknown): given is readonly string[] {
	return Array.isArray(given) && given.every((each) => typeof each === "string");
}

const SHOWN_CHARS = 60;

/** A value in a sentence: not whole if it is long, and not at all if it is secret. */
function shown(key: Key, given: unknown): string {
	if (key.isSecret) return "its value";
	const json = JSON.stringify(given) ?? String(given);
	return json.length <= SHOWN_CHARS ? json : `${json.slice(0, SHOWN_CHARS)}…`;
}
