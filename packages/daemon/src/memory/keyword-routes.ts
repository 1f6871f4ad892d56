import { listAuthors, type MemoryContext, searchKeywords } from "@signet/memory";
import * as z from "zod/mini";
import { optionalInteger, optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";
import { listedMemorySchema } from "./memory-view.ts";

const MAX_RESULTS = 200;
const DEFAULT_MATCHES = 20;
const DEFAULT_FILTERED = 50;

const matchSchema = () =>
	z.object({
		...z.omit(listedMemorySchema(), { source_type: true, project: true }).shape,
		score: z
			.number()
			.check(z.describe("With words: BM25, negative, less is better. Without: from 0 to 1, more is better")),
	});

const keywordContract = {
	method: "GET",
	path: "/memory/search",
	summary: "Memories by their words or by filters alone, or who they are all of",
	query: () =>
		z.object({
			...filterFields(),
			q: optionalText("q").check(z.describe('Words that must all occur; "a phrase"; the beginn* of a word')),
			distinct: z.nullish(z.string()).check(z.describe("`who`: only the names of all authors")),
			limit: optionalInteger("limit", 1, MAX_RESULTS),
		}),
	answers: () => ({
		200: {
			description: "What was found, best first, or the authors in alphabetical order",
			schema: z.union([z.object({ results: z.array(matchSchema()) }), z.object({ values: z.array(z.string()) })]),
		},
		400: { description: "A filter is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

/** Searching by words as they stand, without ranking by meaning. */
export function addKeywordRoutes(routes: Routes, memory: Pick<MemoryContext, "database" | "world">): void {
	routes.add(keywordContract, async ({ query: { q = "", distinct, limit, ...values }, caller: { scope } }) => {
		if (distinct === "who") return { values: await listAuthors(memory, scope) };
		const matches = await searchKeywords(memory, {
			text: q,
			// There is no asking for what is not pinned: clients send false and mean anything.
			filter: filterFrom({ ...values, pinned: values.pinned || undefined }, scope),
			limit: limit ?? (q ? DEFAULT_MATCHES : DEFAULT_FILTERED),
		});
		return {
			results: matches.map(
				({ memory: { id, content, created_at, who, importance, tags, type, pinned }, score }) =>
					({ id, content, created_at, who, importance, tags, type, pinned: pinned ?? 0, score }) satisfies z.infer<
						ReturnType<typeof matchSchema>
					>,
			),
		};
	});
}
