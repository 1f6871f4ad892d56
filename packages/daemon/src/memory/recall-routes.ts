import type { MemoryScope } from "@signet/core";
import type { MemoryContext } from "@signet/memory";
import { type RecallContext, recall } from "@signet/search";
import * as z from "zod/mini";
import { optionalFlag, optionalInteger, optionalNumber } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { cleanResults } from "./clean-results.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";

const MAX_RESULTS = 200;
const DEFAULT_RESULTS = 10;
const MAX_CONTEXT = 10;

const turn = () =>
	z.object({
		id: z.string(),
		content: z.string(),
		truncated: z.boolean(),
		who: z.nullable(z.string()),
		created_at: z.string(),
	});

const question = () =>
	z
		.string({
			error: ({ input }) => (input === undefined || input === null ? "query is required" : "query must be a text"),
		})
		.check(z.refine((text) => text.trim() !== "", "query is required"));

const options = () => ({
	...filterFields(),
	limit: optionalInteger("limit", 1, MAX_RESULTS),
	min_score: optionalNumber("min_score", 0, 1),
	minScore: optionalNumber("minScore", 0, 1),
	legs: z.nullish(z.enum(["words", "vectors"], "legs must be words or vectors")),
	context: optionalInteger("context", 0, MAX_CONTEXT),
	explain: optionalFlag("explain"),
	preview: optionalFlag("preview"),
});

const answers = () => ({
	200: {
		description: "What is known, the likeliest first",
		schema: z.object({
			results: z.array(
				z.object({
					id: z.string(),
					content: z.string(),
					content_length: z.number(),
					truncated: z.boolean(),
					score: z.number(),
					source: z.enum(["hybrid", "vector", "keyword", "graph"]),
					type: z.string(),
					tags: z.nullable(z.string()),
					pinned: z.boolean(),
					importance: z.number(),
					who: z.nullable(z.string()),
					project: z.nullable(z.string()),
					created_at: z.string(),
					supplementary: z.optional(z.literal(true)),
					snippet: z.optional(z.string()),
					superseded_by: z.optional(z.string()),
					context: z.optional(z.object({ before: z.array(turn()), after: z.array(turn()) })),
					explain: z.optional(z.record(z.string(), z.nullable(z.number()))),
				}),
			),
			query: z.string(),
			method: z.enum(["hybrid", "keyword"]),
			confidence: z.optional(z.number()),
			abstain: z.optional(z.literal(true)),
			degraded: z.optional(z.string()),
			explain: z.optional(z.unknown()),
		}),
	},
	400: { description: "The question or a filter is not valid", schema: errorReference },
});

const recallContract = {
	method: "POST",
	path: "/api/memory/recall",
	summary: "Ask what is known",
	body: () => z.object({ query: question(), ...options() }, "the body must be a JSON object"),
	answers,
} satisfies RouteContract;

const searchContract = {
	method: "GET",
	path: "/api/memory/search",
	summary: "Ask what is known, as a link",
	query: () =>
		z.pipe(
			z.object({ q: z.nullish(z.string()), query: z.nullish(z.string()), ...options() }),
			z.transform(({ q, query, ...rest }, context) => {
				const asked = q || query;
				if (asked?.trim()) return { q: asked, ...rest };
				context.issues.push({ code: "custom", message: "query is required", input: asked, path: ["q"] });
				return z.NEVER;
			}),
		),
	answers,
} satisfies RouteContract;

type Options = Omit<z.infer<ReturnType<(typeof recallContract)["body"]>>, "query">;

/** Asking for memories. To be added before routes with a parameter in the same place. */
export function addRecallRoutes(routes: Routes, context: RecallContext & Pick<MemoryContext, "guard">): void {
	const answer = async (
		query: string,
		scope: MemoryScope,
		{ limit = DEFAULT_RESULTS, min_score, minScore, legs, context: turns, explain, preview, ...filter }: Options,
	) => {
		const threshold = min_score ?? minScore;
		const found = await recall(context, {
			query: query.trim(),
			limit,
			// There is no asking for what is not pinned: clients send false and mean anything.
			filter: filterFrom({ ...filter, pinned: filter.pinned || undefined }, scope),
			...(threshold !== undefined && { minScore: threshold }),
			...(legs && { legs }),
			...(turns !== undefined && { context: turns }),
			...(explain !== undefined && { explain }),
			...(preview !== undefined && { isPreview: preview }),
		});
		return cleanResults(found, await context.guard.ready());
	};
	routes.add(recallContract, ({ body: { query, ...rest }, caller: { scope } }) => answer(query, scope, rest));
	routes.add(searchContract, ({ query: { q, ...rest }, caller: { scope } }) => answer(q, scope, rest));
}
