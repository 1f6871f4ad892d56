import { parseTags } from "@signet/core";
import { type RecallContext, similarMemories } from "@signet/search";
import * as z from "zod/mini";
import { optionalInteger, optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";

const MAX_RESULTS = 200;
const DEFAULT_RESULTS = 10;

const similarSchema = () =>
	z.object({
		id: z.string(),
		content: z.string(),
		type: z.string(),
		tags: z.array(z.string()),
		score: z.number().check(z.describe("Cosine of the vectors, from 0 to 1")),
		confidence: z.nullable(z.number()),
		created_at: z.string(),
	});

const refusalSchema = () => z.object({ error: z.string(), code: z.string(), results: z.array(z.unknown()) });

const similarContract = {
	method: "GET",
	path: "/memory/similar",
	summary: "The memories that are nearest to another in meaning",
	query: () =>
		z.object({
			...filterFields(),
			id: optionalText("id"),
			k: optionalInteger("k", 0, MAX_RESULTS),
		}),
	answers: () => ({
		200: {
			description: "Other memories, the nearest first",
			schema: z.object({ results: z.array(similarSchema()) }),
		},
		400: { description: "There is no id, k is no number, or a filter is not valid", schema: errorReference },
		404: { description: "There is no such memory, or it has no vector", schema: refusalSchema() },
	}),
} satisfies RouteContract;

/** Finding memories by another one. */
export function addSimilarRoutes(routes: Routes, search: RecallContext): void {
	routes.add(similarContract, async ({ query: { id, k = DEFAULT_RESULTS, ...values }, context, caller: { scope } }) => {
		// Clients read `results` from refusals as well.
		if (!id) return context.json({ error: "id is required", code: "invalid_request", results: [] }, 400);
		const similar = await similarMemories(search, {
			memoryId: id,
			// There is no asking for what is not pinned: clients send false and mean anything.
			filter: filterFrom({ ...values, pinned: values.pinned || undefined }, scope),
			limit: k,
		});
		if (!similar) {
			return context.json({ error: "No embedding found for this memory", code: "not_found", results: [] }, 404);
		}
		return {
			results: similar.map(
				({ memory: { id, content, type, tags, confidence, created_at }, score }) =>
					({ id, content, type, tags: parseTags(tags), score, confidence, created_at }) satisfies z.infer<
						ReturnType<typeof similarSchema>
					>,
			),
		};
	});
}
