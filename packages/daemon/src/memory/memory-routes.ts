import { invalidRequest } from "@signet/core";
import { browseMemories, type MemoryContext, readMemory, remember } from "@signet/memory";
import * as z from "zod/mini";
import { optionalInteger, optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { actorOf } from "./actor.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";
import { listedMemory, listedMemorySchema, singleMemory, singleMemorySchema } from "./memory-view.ts";
import { rememberContract, rememberOptionsFrom, rememberRequestFrom } from "./remember-contract.ts";

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

/** Storing and reading memories. */
export function addMemoryRoutes(routes: Routes, memory: MemoryContext): void {
	for (const [path, summary] of [
		["/api/memory/remember", "Remember something"],
		["/api/memory/save", "Remember something (older name)"],
		["/api/hook/remember", "Remember something (older name, for hooks)"],
	] as const) {
		routes.add(rememberContract(path, summary), ({ body, context }) =>
			remember(memory, rememberRequestFrom(body), actorOf(context, body.changed_by), rememberOptionsFrom(body)),
		);
	}
	routes.add(listContract, async ({ query }) => {
		const { limit = DEFAULT_LISTED, offset = 0, id_prefix: idPrefix, ...values } = query;
		const filter = { ...filterFrom(values), ...(idPrefix && { idPrefix }) };
		const { memories, counts } = await browseMemories(memory.database, filter, { limit, offset });
		return { memories: memories.map(listedMemory), stats: counts };
	});
	routes.add(readContract, async ({ param }) => {
		const id = param("id").trim();
		if (id === "") throw invalidRequest("id is required");
		return singleMemory(await readMemory(memory.database, id));
	});
}
