import { isoTime } from "@signet/core";
import type { RememberOptions, RememberRequest } from "@signet/memory";
import * as z from "zod/mini";
import { optionalFlag, optionalNumber, optionalTags, optionalText, optionalTime } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract } from "../http/route.ts";

/** Longer texts are documents, not memories. In UTF-16 code units. */
export const MAX_CONTENT_CHARS = 500_000;

const content = () =>
	z
		.string({
			error: ({ input }) => (input === undefined || input === null ? "content is required" : "content must be a text"),
		})
		.check(
			z.refine((text) => text.trim() !== "", "content is required"),
			z.maxLength(MAX_CONTENT_CHARS, `content may have at most ${MAX_CONTENT_CHARS} characters; divide it`),
		);

/** What can be said of something that is to be remembered. */
export const rememberedFields = () => ({
	content: content(),
	who: optionalText("who"),
	project: optionalText("project"),
	importance: optionalNumber("importance", 0, 1),
	tags: optionalTags("tags"),
	pinned: optionalFlag("pinned"),
	sourceType: optionalText("sourceType"),
	sourceId: optionalText("sourceId"),
	type: optionalText("type"),
	category: optionalText("category"),
	confidence: optionalNumber("confidence", 0, 1),
	sessionId: optionalText("sessionId"),
	position: optionalNumber("position", 0, Number.MAX_SAFE_INTEGER),
	role: optionalText("role"),
	runtimePath: optionalText("runtimePath"),
	idempotencyKey: optionalText("idempotencyKey"),
	createdAt: optionalTime("createdAt"),
});

const rememberBody = () =>
	z.object(
		{
			...rememberedFields(),
			changed_by: optionalText("changed_by"),
			mode: z.nullish(z.enum(["sync", "async"], "mode must be sync or async")),
			revive: optionalFlag("revive"),
			merge: optionalFlag("merge"),
		},
		"the body must be a JSON object",
	);

export type RememberBody = z.infer<ReturnType<typeof rememberBody>>;

const remembered = () =>
	z.object({
		id: z.string(),
		type: z.string(),
		tags: z.nullable(z.string()),
		pinned: z.boolean(),
		importance: z.number(),
		content: z.string(),
		embedded: z.boolean(),
		deduped: z.optional(z.literal(true)),
		merged: z
			.optional(z.literal(true))
			.check(
				z.describe("with deduped, if merge was asked for: it has got tags, a project, or a pin, that it did not have"),
			),
		updated: z.optional(z.literal(true)),
		recovered: z.optional(z.literal(true)),
		chunked: z.optional(z.literal(true)),
		chunk_count: z.optional(z.number()),
		ids: z.optional(z.array(z.string())),
		group_id: z.optional(z.string()),
	});

/** The contract of remember at one of its addresses. */
export function rememberContract(
	path: "/api/memory/remember" | "/api/memory/save" | "/api/hook/remember",
	summary: string,
): RouteContract<RememberBody> {
	return {
		method: "POST",
		path,
		summary,
		body: rememberBody,
		answers: () => ({
			200: { description: "It is stored, or was known already", schema: remembered() },
			400: { description: "The body is not valid", schema: errorReference },
			409: {
				description: "The idempotency key was used for another content, or this one was erased",
				schema: errorReference,
			},
			503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
		}),
	};
}

/** @param headerKey of the `Idempotency-Key` header, for clients that send every request with one */
export function rememberRequestFrom(
	{ mode: _mode, changed_by: _by, revive: _revive, merge: _merge, createdAt, idempotencyKey, ...rest }: RememberBody,
	headerKey: string | undefined,
): RememberRequest {
	return {
		...rest,
		idempotencyKey: idempotencyKey ?? (headerKey?.trim() || undefined),
		createdAt: createdAt === undefined ? undefined : isoTime(createdAt),
	};
}

export function rememberOptionsFrom({ mode, revive, merge }: RememberBody): RememberOptions {
	return { mode: mode ?? "sync", isRevived: revive ?? false, isJoined: merge ?? false };
}
