import { invalidRequest } from "@signet/core";
import type { Standing } from "@signet/db";
import { browseMemories, type MemoryContext, type MemoryPage, readMemory } from "@signet/memory";
import * as z from "zod/mini";
import { optionalFlag, optionalInteger, optionalText } from "../http/fields.ts";
import { streamObject } from "../http/json-stream.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { formatCursor, optionalCursor } from "./cursor.ts";
import { filterFields, filterFrom } from "./filter-fields.ts";
import { listedMemory, listedMemorySchema, singleMemory, singleMemorySchema } from "./memory-view.ts";

const MAX_LISTED = 1_000;
const DEFAULT_LISTED = 100;

/** Whether forgotten memories are shown too; clients spell it either way. */
const forgottenFields = () => ({
	include_deleted: optionalFlag("include_deleted"),
	includeDeleted: optionalFlag("includeDeleted"),
});

const listContract = {
	method: "GET",
	path: "/api/memories",
	summary: "Memories by their age, page by page, with the counts of all there are",
	query: () =>
		z.object({
			...filterFields(),
			id_prefix: optionalText("id_prefix"),
			q: optionalText("q").check(z.describe('Words that must all occur; "a phrase"; the beginn* of a word')),
			order: z.nullish(z.enum(["asc", "desc"], "order must be asc (the oldest first) or desc")),
			...forgottenFields(),
			deleted: z.nullish(z.literal("only", "deleted can be nothing else than: only")),
			limit: optionalInteger("limit", 1, MAX_LISTED),
			offset: optionalInteger("offset", 0, Number.MAX_SAFE_INTEGER),
			cursor: optionalCursor("cursor").check(z.describe("nextCursor of the page before")),
		}),
	answers: () => ({
		200: {
			description: "A page of memories",
			schema: z.object({
				memories: z.array(
					z.object({
						...listedMemorySchema().shape,
						is_deleted: z.optional(z.number()),
						deleted_at: z.optional(z.nullable(z.string())),
					}),
				),
				nextCursor: z.optional(z.string()).check(z.describe("Asks for the next page; absent at the end")),
				stats: z.object({
					total: z.number(),
					withEmbeddings: z.number(),
					critical: z.number(),
					deleted: z.number(),
				}),
			}),
		},
		400: { description: "A filter or the cursor is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

const readContract = {
	method: "GET",
	path: "/api/memory/:id",
	summary: "One memory, by its id or the id of one of its chunks; its version is the ETag",
	query: () => z.object(forgottenFields()),
	answers: () => ({
		200: { description: "The memory", schema: singleMemorySchema() },
		400: { description: "The id is blank", schema: errorReference },
		404: { description: "There is none, or it was forgotten", schema: errorReference },
	}),
} satisfies RouteContract;

/** Listing memories and reading one. To be added after routes with a fixed name in the place of the id. */
export function addBrowseRoutes(routes: Routes, memory: Pick<MemoryContext, "database" | "world">): void {
	routes.add(listContract, async ({ query, caller }) => {
		const {
			limit = DEFAULT_LISTED,
			offset = 0,
			cursor,
			order,
			q,
			include_deleted,
			includeDeleted,
			deleted,
			id_prefix,
			...values
		} = query;
		const standing = deleted ? "forgotten" : (include_deleted ?? includeDeleted) ? "any" : "active";
		const listing = {
			filter: { ...filterFrom(values, caller.scope), ...(id_prefix && { idPrefix: id_prefix }) },
			standing,
			...(order && { order }),
			...(q && { words: q }),
		} as const;
		const { parts, next, counts } = await browseMemories(memory, listing, { after: cursor, offset, limit });
		return streamObject(memory.world.timers, {
			list: { name: "memories", batches: shown(parts, standing) },
			rest: () => {
				const position = next();
				return { ...(position && { nextCursor: formatCursor(position) }), stats: counts };
			},
		});
	});
	routes.add(readContract, async ({ param, query, context, caller }) => {
		const id = param("id").trim();
		if (id === "") throw invalidRequest("memory id is required");
		const row = await readMemory(memory.database, id, {
			scope: caller.scope,
			isForgottenToo: query.include_deleted ?? query.includeDeleted ?? false,
		});
		context.header("etag", `"${row.version ?? 1}"`);
		return singleMemory(row);
	});
}

async function* shown(parts: MemoryPage["parts"], standing: Standing): AsyncGenerator<object[]> {
	for await (const part of parts) {
		yield part.map((row) => ({
			...listedMemory(row),
			...(standing !== "active" && { is_deleted: row.is_deleted ?? 0, deleted_at: row.deleted_at }),
		}));
	}
}
