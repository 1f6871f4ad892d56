import { invalidRequest } from "@signet/core";
import { browseMemories, type MemoryContext, readMemory } from "@signet/memory";
import * as z from "zod/mini";
import { optionalInteger, optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";
import { listedMemory, listedMemorySchema, singleMemory, singleMemorySchema } from "./memory-view.ts";

const MAX_LISTED = 1_000;
const DEFAULT_LISTED = 100;

const listContract = {
	method: "GET",
	path: "/api/memories",
	summary: "Memories from the newest on, with the counts of all there are",
	query: () =>
		z.object({
			...filterFields(),
			id_prefix: optionalText("id_prefix"),
			limit: optionalInteger("limit", 1, MAX_LISTED),
			offset: optionalInteger("offset", 0, Number.MAX_SAFE_INTEGER),
		}),
	answers: () => ({
		200: {
			description: "A page of memories",
			schema: z.object({
				memories: z.array(listedMemorySchema()),
				stats: z.object({
					total: z.number(),
					withEmbeddings: z.number(),
					critical: z.number(),
					deleted: z.number(),
				}),
			}),
		},
		400: { description: "A filter is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

const readContract = {
	method: "GET",
	path: "/api/memory/:id",
	summary: "One memory, by its id or the id of one of its chunks",
	answers: () => ({
		200: { description: "The memory", schema: singleMemorySchema() },
		400: { description: "The id is blank", schema: errorReference },
		404: { description: "There is none, or it was forgotten", schema: errorReference },
	}),
} satisfies RouteContract;

/** Listing memories and reading one. To be added after routes with a fixed name in the place of the id. */
export function addBrowseRoutes(routes: Routes, { database }: Pick<MemoryContext, "database">): void {
	routes.add(listContract, async ({ query }) => {
		const { limit = DEFAULT_LISTED, offset = 0, id_prefix: idPrefix, ...values } = query;
		const filter = { ...filterFrom(values), ...(idPrefix && { idPrefix }) };
		const { memories, counts } = await browseMemories(database, filter, { limit, offset });
		return { memories: memories.map(listedMemory), stats: counts };
	});
	routes.add(readContract, async ({ param }) => {
		const id = param("id").trim();
		if (id === "") throw invalidRequest("id is required");
		return singleMemory(await readMemory(database, id));
	});
}
