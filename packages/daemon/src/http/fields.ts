/**
 * Fields of requests, as clients send them: most are lenient in the ways in which clients are sloppy (null for absent,
 * numbers and booleans as text) and refuse everything else with a sentence that names the field.
 */
import { formatTags, parseTime, parseTimeUntil, splitTags } from "@signet/core";
import * as z from "zod/mini";
import type { Schema } from "./route.ts";

/** Names, sources and keys are short; whatever is longer belongs into the content. In UTF-16 code units. */
const MAX_TEXT_CHARS = 4_000;
/** Longer lists are refused before anything is done with their items. */
export const MAX_LIST_ITEMS = 1_000;

const limitedText = (name: string) =>
	z
		.string(`${name} must be a text`)
		.check(z.maxLength(MAX_TEXT_CHARS, `${name} may have at most ${MAX_TEXT_CHARS} characters`));

/** A text. Null and blank count as absent; it is trimmed. */
export function optionalText(name: string): Schema<string | undefined> {
	return z.pipe(
		z.nullish(limitedText(name)),
		z.transform((value) => value?.trim() || undefined),
	);
}

/** A text that must be there; it is trimmed. */
export function requiredText(name: string, message = `${name} is required`): Schema<string> {
	return z.pipe(
		z.string(message).check(
			z.refine((text) => text.trim() !== "", message),
			z.maxLength(MAX_TEXT_CHARS, `${name} may have at most ${MAX_TEXT_CHARS} characters`),
		),
		z.transform((text) => text.trim()),
	);
}

/** A whole number above 0, also as text. Only absent is absent: who sends null may mean something that is not kept. */
export function optionalPositiveInteger(name: string): Schema<number | undefined> {
	return strictly(`${name} must be a positive integer`, (value) => {
		const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
		return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : undefined;
	});
}

/** As `optionalFlag`, but null is not absent. */
export function strictFlag(name: string): Schema<boolean | undefined> {
	return strictly(`${name} must be a boolean`, readFlag);
}

/** A number within a range, also as text; what lies outside is refused, and so is null. */
export function strictNumber(name: string, min: number, max: number): Schema<number | undefined> {
	return strictly(`${name} must be a finite number between ${min} and ${max}`, (value) => {
		const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
		return typeof number === "number" && number >= min && number <= max ? number : undefined;
	});
}

/** A value that is read or refused; only absent is absent. */
function strictly<T>(message: string, read: (value: unknown) => T | undefined): Schema<T | undefined> {
	return z.optional(
		z.pipe(
			z.unknown(),
			z.transform((value, context) => {
				const result = read(value);
				if (result !== undefined) return result;
				context.issues.push({ code: "custom", message, input: value });
				return z.NEVER;
			}),
		),
	);
}

function readFlag(value: unknown): boolean | undefined {
	if (!["boolean", "number", "string"].includes(typeof value)) return undefined;
	const text = String(value).trim().toLowerCase();
	if (text === "true" || text === "1") return true;
	return text === "false" || text === "0" ? false : undefined;
}

/** A number, also as text. Null counts as absent; what is outside the range is moved to its end. */
export function optionalNumber(name: string, min: number, max: number): Schema<number | undefined> {
	return z.pipe(
		z.nullish(z.union([z.number(), z.string()], `${name} must be a number`)),
		z.transform((value, context) => {
			if (value === null || value === undefined) return undefined;
			const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
			if (typeof number === "number" && Number.isFinite(number)) return Math.min(max, Math.max(min, number));
			context.issues.push({ code: "custom", message: `${name} must be a number`, input: value });
			return z.NEVER;
		}),
	);
}

/** As `optionalNumber`, without a fraction. */
export function optionalInteger(name: string, min: number, max: number): Schema<number | undefined> {
	return z.pipe(
		optionalNumber(name, min, max),
		z.transform((value) => (value === undefined ? undefined : Math.trunc(value))),
	);
}

/** True or false, also as 1, 0 or text. Null counts as absent. */
export function optionalFlag(name: string): Schema<boolean | undefined> {
	return z.pipe(
		z.nullish(z.union([z.boolean(), z.number(), z.string()], `${name} must be true or false`)),
		z.transform((value, context) => {
			if (value === null || value === undefined) return undefined;
			const flag = readFlag(value);
			if (flag !== undefined) return flag;
			context.issues.push({ code: "custom", message: `${name} must be true or false`, input: value });
			return z.NEVER;
		}),
	);
}

/**
 * Tags to be stored: a text stays as it is, a list becomes a comma list. An empty list is an empty text, which takes
 * the place of tags in the content's notation; null counts as absent.
 */
export function optionalTags(name: string): Schema<string | undefined> {
	return z.pipe(
		z.nullish(z.union([z.string(), z.array(z.string())], `${name} must be a text or a list of texts`)),
		z.transform((value, context) => {
			const isLong = Array.isArray(value) && value.length > MAX_LIST_ITEMS;
			const text = isLong ? "" : Array.isArray(value) ? (formatTags(value) ?? "") : (value ?? undefined);
			if (!isLong && (text === undefined || text.length <= MAX_TEXT_CHARS)) return text;
			const limit = isLong ? `${MAX_LIST_ITEMS} items` : `${MAX_TEXT_CHARS} characters in all`;
			const message = `${name} may have at most ${limit}`;
			context.issues.push({ code: "custom", message, input: value });
			return z.NEVER;
		}),
	);
}

/** Tags to be set, as they are stored; null, or none, takes them away. */
export function tagsToSet(name: string): Schema<string | null | undefined> {
	return z.optional(
		z.pipe(
			z.unknown(),
			z.transform((value, context) => {
				if (Array.isArray(value) && value.length > MAX_LIST_ITEMS) {
					const message = `${name} may have at most ${MAX_LIST_ITEMS} items`;
					context.issues.push({ code: "custom", message, input: value });
					return z.NEVER;
				}
				const tags = Array.isArray(value) ? value.filter((tag): tag is string => typeof tag === "string") : value;
				if (tags === null) return null;
				const formatted =
					typeof tags === "string" ? formatTags([tags]) : Array.isArray(tags) ? formatTags(tags) : undefined;
				if (formatted !== undefined && (formatted?.length ?? 0) <= MAX_TEXT_CHARS) return formatted;
				const isTooLong = formatted !== undefined;
				const message = isTooLong
					? `${name} may have at most ${MAX_TEXT_CHARS} characters in all`
					: `${name} must be a string, string array, or null`;
				context.issues.push({ code: "custom", message, input: value });
				return z.NEVER;
			}),
		),
	);
}

/** Tags to look for: a comma list or a list. */
export function optionalTagList(name: string): Schema<string[] | undefined> {
	return z.pipe(
		optionalTags(name),
		z.transform((value) => (value === undefined || value.trim() === "" ? undefined : splitTags(value))),
	);
}

/** A time as ISO-8601, or a day: its first moment, or with `isEnd` its last. In milliseconds since the epoch. */
export function optionalTime(name: string, { isEnd = false } = {}): Schema<number | undefined> {
	return z.pipe(
		optionalText(name),
		z.transform((value, context) => {
			if (value === undefined) return undefined;
			const time = isEnd ? parseTimeUntil(value) : parseTime(value);
			if (time !== undefined) return time;
			const message = `${name} must be a time such as 2026-05-08T12:00:00Z, or a day such as 2026-05-08`;
			context.issues.push({ code: "custom", message, input: value });
			return z.NEVER;
		}),
	);
}
