import { type MemoryContext, readHistory } from "@signet/memory";
import * as z from "zod/mini";
import { optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { idOf } from "./change-routes.ts";

const MAX_EVENTS = 1_000;
const DEFAULT_EVENTS = 200;

const historyContract = {
	method: "GET",
	path: "/api/memory/:id/history",
	summary: "What happened to a memory, forgotten or not",
	query: () =>
		z.object({
			// What is no number has always meant the default.
			limit: z.pipe(z.nullish(z.string()), z.transform(limitFrom)),
			order: z.nullish(z.enum(["asc", "desc"], "order must be asc or desc")),
			cursor: optionalText("cursor"),
		}),
	answers: () => ({
		200: {
			description: "Events, the oldest first unless asked otherwise",
			schema: z.object({
				memoryId: z.string(),
				count: z.number(),
				history: z.array(
					z.object({
						id: z.string(),
						sequence: z.number(),
						event: z.string(),
						oldContent: z.nullable(z.string()),
						newContent: z.nullable(z.string()),
						changedBy: z.string(),
						actorType: z.optional(z.string()),
						reason: z.nullable(z.string()),
						metadata: z.unknown(),
						createdAt: z.string(),
						sessionId: z.optional(z.string()),
						requestId: z.optional(z.string()),
						version: z.optional(z.number()),
						changes: z.optional(z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))),
					}),
				),
				nextCursor: z.optional(z.string()),
			}),
		},
		400: { description: "The cursor or the order is not valid", schema: errorReference },
		404: { description: "Nothing is known of a memory of that id", schema: errorReference },
	}),
} satisfies RouteContract;

function limitFrom(given: string | null | undefined): number {
	const number = Number(given ?? "");
	return Number.isInteger(number) && number > 0 ? Math.min(number, MAX_EVENTS) : DEFAULT_EVENTS;
}

/** The history of a memory. */
export function addHistoryRoutes(routes: Routes, { database }: Pick<MemoryContext, "database">): void {
	routes.add(historyContract, async ({ param, query, context, caller: { scope } }) => {
		const id = idOf(param);
		const { limit, order, cursor } = query;
		const history = await readHistory(database, id, { scope, limit, order: order ?? "asc", cursor });
		// The reference names the id beside the error.
		return history ?? context.json({ error: "Not found", code: "not_found", memoryId: id }, 404);
	});
}
