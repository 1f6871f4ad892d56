import { EVERYTHING, type MemoryScope, splitTags } from "@signet/core";
import { isRestrictive } from "@signet/db";
import {
	type ForgetBatchContext,
	type ForgetSelection,
	forgetBatch,
	type InvalidPatch,
	type ModifyRequest,
	modifyBatch,
	previewForget,
} from "@signet/memory";
import * as z from "zod/mini";
import { MAX_LIST_ITEMS, optionalPositiveInteger, optionalText, strictFlag } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import { parse, type RouteContract, type Routes } from "../http/route.ts";
import { actorOf } from "./actor.ts";
import { changeSchema, described } from "./change-answer.ts";
import { changeFields, NO_OBJECT, NOTHING_TO_CHANGE, patchFields, saysAnything } from "./change-fields.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";

const MAX_PATCHES = 200;
const NO_PATCHES = "patches[] is required";

const modifyContract = {
	method: "POST",
	path: "/api/memory/modify",
	summary: "Change several memories",
	body: () =>
		z.object(
			{
				patches: z
					.array(z.unknown(), NO_PATCHES)
					.check(
						z.minLength(1, NO_PATCHES),
						z.maxLength(MAX_PATCHES, `patches[] exceeds maximum batch size (${MAX_PATCHES})`),
					),
				reason: optionalText("reason"),
				changed_by: optionalText("changed_by"),
				atomic: strictFlag("atomic"),
			},
			NO_OBJECT,
		),
	answers: () => ({
		200: {
			description: "What became of each, in their order",
			schema: z.object({ total: z.number(), updated: z.number(), results: z.array(changeSchema()) }),
		},
		400: { description: "The request is not valid", schema: errorReference },
		409: { description: "With atomic: one is refused, so none was made", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

const patchItem = () =>
	z
		.object(
			{
				id: z.pipe(
					z.string("Patch id is required").check(z.refine((id) => id.trim() !== "", "Patch id is required")),
					z.transform((id) => id.trim()),
				),
				...changeFields(),
				...patchFields(),
			},
			"Each patch must be an object",
		)
		.check(z.refine(saysAnything, NOTHING_TO_CHANGE));

const EMPTY_SELECTION = "query, ids, or at least one filter (type/tags/who/source_type/since/until) is required";

const idList = () =>
	z.nullish(
		z.array(z.unknown(), "ids must be an array of strings").check(
			z.maxLength(MAX_LIST_ITEMS, `ids may have at most ${MAX_LIST_ITEMS} items`),
			z.refine(
				(ids) => ids.every((id) => typeof id === "string" && id.trim() !== ""),
				"ids must contain non-empty strings",
			),
		),
	);

const forgetContract = {
	method: "POST",
	path: "/api/memory/forget",
	summary: "Forget several memories: see which with mode preview, then execute",
	body: () =>
		z
			.object(
				{
					mode: z._default(z.enum(["preview", "execute"], "mode must be preview or execute"), "preview"),
					limit: optionalPositiveInteger("limit"),
					ids: idList(),
					query: optionalText("query"),
					...filterFields(),
					// A list here has always meant something else to somebody: it is not guessed at.
					tags: z.pipe(
						optionalText("tags"),
						z.transform((tags, context) => {
							if (tags === undefined) return undefined;
							const names = splitTags(tags);
							if (names.length > 0) return names;
							// Without a name it would choose everything.
							context.issues.push({ code: "custom", message: "tags must name at least one tag", input: tags });
							return z.NEVER;
						}),
					),
					reason: z.optional(z.unknown()),
					force: z.optional(z.unknown()),
					if_version: z.optional(z.unknown()),
					confirm_token: optionalText("confirm_token"),
					changed_by: optionalText("changed_by"),
					atomic: strictFlag("atomic"),
				},
				NO_OBJECT,
			)
			.check(
				z.refine(
					({ ids, query, ...rest }) =>
						(ids?.length ?? 0) > 0 || query !== undefined || isRestrictive(filterFrom(rest, EVERYTHING)),
					EMPTY_SELECTION,
				),
			),
	answers: () => ({
		200: {
			description: "Which would be forgotten, or what became of each",
			schema: z.object({
				mode: z.string(),
				count: z.optional(z.number()),
				requiresConfirm: z.optional(z.boolean()),
				confirmToken: z.optional(z.string()),
				candidates: z.optional(
					z.array(z.object({ id: z.string(), score: z.number(), pinned: z.boolean(), version: z.number() })),
				),
				requested: z.optional(z.number()),
				deleted: z.optional(z.number()),
				results: z.optional(z.array(changeSchema())),
				hasMore: z.optional(z.literal(true)).check(z.describe("more than `limit` match; the others stay")),
				notFound: z.optional(z.array(z.string())),
			}),
		},
		400: { description: "The request is not valid, or more than 25 are not confirmed", schema: errorReference },
		409: { description: "With atomic: one is refused, so none was forgotten", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

type ForgetBody = z.infer<ReturnType<(typeof forgetContract)["body"]>>;

/** What is needed, beyond the selection, to carry it out. */
const executionFields = () =>
	z.object({
		reason: z.pipe(
			z
				.string("reason is required for execute mode")
				.check(z.refine((text) => text.trim() !== "", "reason is required for execute mode")),
			z.transform((text) => text.trim()),
		),
		force: strictFlag("force"),
		if_version: z.optional(
			z.never("if_version is not supported for batch forget; a preview's confirm_token holds for the versions it saw"),
		),
	});

/** Changing and forgetting several memories at a time. To be added before routes with a parameter in the same place. */
export function addBatchRoutes(routes: Routes, memory: ForgetBatchContext): void {
	routes.add(modifyContract, async ({ body: { patches, reason, changed_by, atomic = false }, context }) => {
		const item = patchItem();
		const requests = patches.map((patch) => readPatch(item, patch, reason));
		const results = await modifyBatch(memory, requests, await actorOf(context, memory.guard, changed_by), {
			isAtomic: atomic,
		});
		const updated = results.filter(({ status }) => status === "updated").length;
		return {
			total: results.length,
			updated,
			results: results.map((result) => ("error" in result ? result : described(result))),
		};
	});
	routes.add(forgetContract, async ({ body, context, caller, spend }) => {
		const selection = selectionFrom(body, caller.scope);
		if (body.mode === "preview") return { mode: "preview", ...(await previewForget(memory, selection)) };
		const { reason, force = false } = parse(executionFields(), body);
		if (force) spend("forceDelete");
		const execution = { reason, force, confirmToken: body.confirm_token, isAtomic: body.atomic ?? false };
		const forgotten = await forgetBatch(
			memory,
			selection,
			execution,
			await actorOf(context, memory.guard, body.changed_by),
		);
		if ("requiresConfirm" in forgotten) {
			const error = "confirm_token is required for large forget operations; run preview first";
			return context.json({ error, code: "confirmation_required", ...forgotten }, 400);
		}
		return { mode: "execute", ...forgotten, results: forgotten.results.map(described) };
	});
}

/** A patch of a batch, or why it is none. The reason of the batch stands in for its own. */
function readPatch(
	item: ReturnType<typeof patchItem>,
	given: unknown,
	reason: string | undefined,
): ModifyRequest | InvalidPatch {
	const own = typeof given === "object" && given !== null && "reason" in given ? given.reason : undefined;
	const hasOwn = typeof own === "string" && own.trim() !== "";
	const parsed = item.safeParse(isObject(given) && !hasOwn ? { ...given, reason } : given);
	if (parsed.success) {
		const { id, reason, if_version, changed_by: _, ...patch } = parsed.data;
		return { id, reason, ifVersion: if_version, patch };
	}
	const id = (isObject(given) && "id" in given && typeof given.id === "string" && given.id.trim()) || null;
	return { id, status: "invalid_request", error: parsed.error.issues[0]?.message ?? "the patch is not valid" };
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function selectionFrom({ ids, query, limit, ...filter }: ForgetBody, scope: MemoryScope): ForgetSelection {
	return {
		ids: ids && ids.length > 0 ? ids.map((id) => String(id).trim()) : undefined,
		query,
		limit,
		filter: filterFrom(filter, scope),
	};
}
