import { parseTags } from "@signet/core";
import { type ExportedEmbedding, exportEmbeddings, type MemoryContext } from "@signet/memory";
import { checkEmbeddings, type EmbeddingService, type ProviderChecker } from "@signet/search";
import * as z from "zod/mini";
import { streamObject } from "../http/json-stream.ts";
import type { RouteContract, Routes, Schema } from "../http/route.ts";

const exportedSchema = () =>
	z.object({
		id: z.string(),
		content: z.string(),
		text: z.string(),
		who: z.string(),
		importance: z.number(),
		type: z.nullable(z.string()),
		tags: z.array(z.string()),
		sourceType: z.string(),
		sourceId: z.string(),
		createdAt: z.string(),
		vector: z.optional(z.array(z.number())),
	});

/** A number that is moved into a range; clients rely on what is none being passed over. */
const lenientInteger = (absent: number, min: number, max: number): Schema<number> =>
	z.pipe(
		z.nullish(z.string()),
		z.transform((value) => {
			const number = Number.parseInt(value ?? "", 10);
			return Number.isNaN(number) ? absent : Math.min(max, Math.max(min, number));
		}),
	);

const exportContract = {
	method: "GET",
	path: "/api/embeddings",
	summary: "Memories that have a vector of an embedding provider, on request with the vectors",
	query: () =>
		z.object({
			vectors: z.nullish(z.string()).check(z.describe("`true`: with the vectors")),
			limit: lenientInteger(600, 50, 5_000),
			offset: lenientInteger(0, 0, 100_000),
		}),
	answers: () => ({
		200: {
			description: "A page of memories, the newest first",
			schema: z.object({
				embeddings: z.array(exportedSchema()),
				count: z.number(),
				total: z.number(),
				limit: z.number(),
				offset: z.number(),
				hasMore: z.boolean(),
			}),
		},
	}),
} satisfies RouteContract;

const statusContract = {
	method: "GET",
	path: "/api/embeddings/status",
	summary: "Whether the embedding provider can make vectors",
	answers: () => ({
		200: {
			description: "What it answered within the last half minute",
			schema: z.object({
				provider: z.string(),
				model: z.string(),
				base_url: z.string(),
				available: z.boolean(),
				checkedAt: z.string(),
				dimensions: z.optional(z.number()),
				error: z.optional(z.string()),
			}),
		},
	}),
} satisfies RouteContract;

const healthContract = {
	method: "GET",
	path: "/api/embeddings/health",
	summary: "Whether vectors are there, of one model, and in step",
	answers: () => ({
		200: {
			description: "Seven checks and what they come to",
			schema: z.object({
				status: z.enum(["healthy", "degraded", "unhealthy"]),
				score: z.number(),
				checkedAt: z.string(),
				config: z.object({ provider: z.string(), model: z.string(), dimensions: z.nullable(z.number()) }),
				checks: z.array(
					z.object({
						name: z.string(),
						status: z.enum(["ok", "warn", "fail"]),
						message: z.string(),
						detail: z.optional(z.record(z.string(), z.unknown())),
						fix: z.optional(z.string()),
					}),
				),
			}),
		},
	}),
} satisfies RouteContract;

export interface EmbeddingRoutesContext extends Pick<MemoryContext, "database" | "world" | "guard"> {
	readonly embeddings: EmbeddingService;
	readonly provider: ProviderChecker;
}

/** Handing out what the embedding provider made of memories, and telling how it is. */
export function addEmbeddingRoutes(routes: Routes, memory: EmbeddingRoutesContext): void {
	routes.add(statusContract, () => memory.provider.check());
	routes.add(healthContract, () => checkEmbeddings(memory));
	routes.add(exportContract, async ({ query: { vectors, limit, offset }, caller: { scope } }) => {
		const { total, batches } = await exportEmbeddings(memory, {
			scope,
			limit,
			offset,
			withVectors: vectors === "true",
		});
		return streamObject(memory.world.timers, {
			list: { name: "embeddings", batches: shaped(batches) },
			rest: (count) => ({ count, total, limit, offset, hasMore: offset + count < total }),
		});
	});
}

async function* shaped(
	batches: AsyncIterable<readonly ExportedEmbedding[]>,
): AsyncGenerator<z.infer<ReturnType<typeof exportedSchema>>[]> {
	for await (const batch of batches) yield batch.map(exportedEmbedding);
}

/** Rows of other programs may lack anything. */
function exportedEmbedding({ memory, vector }: ExportedEmbedding): z.infer<ReturnType<typeof exportedSchema>> {
	const { id, content, who, importance, type, tags, source_type, source_id, created_at } = memory;
	return {
		id,
		content,
		text: content,
		who: who ?? "unknown",
		importance: importance ?? 0.5,
		type,
		tags: parseTags(tags),
		sourceType: source_type ?? "memory",
		sourceId: source_id ?? id,
		createdAt: created_at,
		...(vector && { vector: Array.from(vector) }),
	};
}
