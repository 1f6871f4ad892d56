import { normaliseContent } from "@signet/core";
import * as z from "zod/mini";
import {
	optionalPositiveInteger,
	optionalText,
	requiredText,
	strictFlag,
	strictNumber,
	tagsToSet,
} from "../http/fields.ts";
import { MAX_CONTENT_CHARS } from "./remember-contract.ts";

/** What the reference says of a body that is no object. */
export const NO_OBJECT = "Invalid JSON body";

/** Fields of every change of one memory, in the order in which the reference looks at them. */
export const changeFields = () => ({
	reason: requiredText("reason"),
	if_version: optionalPositiveInteger("if_version"),
	changed_by: optionalText("changed_by"),
});

/** Fields of a memory that can be changed. */
export const patchFields = () => ({
	content: z.optional(
		z.string("content must be a string").check(
			z.refine((text) => normaliseContent(text).storage !== "", "content must not be empty"),
			z.maxLength(MAX_CONTENT_CHARS, `content may have at most ${MAX_CONTENT_CHARS} characters`),
		),
	),
	type: z.optional(requiredText("type", "type must be a non-empty string")),
	tags: tagsToSet("tags"),
	importance: strictNumber("importance", 0, 1),
	pinned: strictFlag("pinned"),
});

type PatchFields = ReturnType<typeof patchFields>;
export type PatchValues = { readonly [K in keyof PatchFields]?: z.infer<PatchFields[K]> };

export const NOTHING_TO_CHANGE = "at least one of content, type, tags, importance, pinned is required";

/** Whether anything is to be changed. */
export function saysAnything({ content, type, tags, importance, pinned }: PatchValues): boolean {
	return [content, type, tags, importance, pinned].some((value) => value !== undefined);
}
