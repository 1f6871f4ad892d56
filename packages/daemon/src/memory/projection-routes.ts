import { EVERYTHING, isScoped, type MemoryScope, parseTags, parseTime, type World } from "@signet/core";
import { type Database, type MemoryRow, memoriesOfDocuments, type Projection, type ProjectionFilter } from "@signet/db";
import type { Projections } from "@signet/search";
import type { Context } from "hono";
import * as z from "zod/mini";
import { type JsonStream, type StreamedObject, streamObject } from "../http/json-stream.ts";
import type { RouteContract, Routes } from "../http/route.ts";

/** Nodes whose memories are read in one go. */
const NODES_AT_ONCE = 250;
/** Edges that are sent in one go. */
const EDGES_AT_ONCE = 2_500;
const MAX_PAGE = 5_000;
const MAX_OFFSET = 100_000;

const nodeSchema = () =>
	z.object({
		id: z.string(),
		x: z.number(),
		y: z.number(),
		content: z.string(),
		who: z.string(),
		importance: z.number(),
		type: z.string(),
		tags: z.array(z.string()),
		pinned: z.boolean(),
		sourceType: z.string(),
		sourceId: z.string(),
		createdAt: z.string(),
		z: z.optional(z.number()),
	});

const text = () => z.nullish(z.string());

const projectionContract = {
	method: "GET",
	path: "/api/embeddings/projection",
	summary: "Memories as a map: what is alike lies close together",
	query: () =>
		z.object({
			dimensions: text().check(z.describe("`3`, or anything else for 2")),
			limit: text(),
			offset: text(),
			q: text(),
			who: text(),
			harness: text(),
			types: text(),
			type: text(),
			sourceTypes: text(),
			source_type: text(),
			sourceType: text(),
			tags: text(),
			pinned: text(),
			since: text(),
			until: text(),
			importanceMin: text(),
			importance_min: text(),
			importanceMax: text(),
			importance_max: text(),
		}),
	answers: () => ({
		200: {
			description: "The map",
			schema: z.object({
				status: z.literal("ready"),
				dimensions: z.number(),
				count: z.number(),
				total: z.number(),
				limit: z.number(),
				offset: z.number(),
				hasMore: z.boolean(),
				nodes: z.array(nodeSchema()),
				edges: z.array(z.array(z.number())),
				cachedAt: z.optional(z.string()),
			}),
		},
		202: {
			description: "It is being made; ask again",
			schema: z.object({ status: z.literal("computing"), dimensions: z.number() }),
		},
		500: {
			description: "It could not be made",
			schema: z.object({ status: z.literal("error"), message: z.string() }),
		},
	}),
} satisfies RouteContract;

export interface ProjectionContext {
	readonly database: Database;
	readonly projections: Projections;
	readonly world: Pick<World, "timers">;
}

/** Drawing memories. */
export function addProjectionRoutes(routes: Routes, memory: ProjectionContext): void {
	routes.add(projectionContract, ({ query, context, caller: { scope } }) => {
		const dimensions = query.dimensions === "3" ? 3 : 2;
		const filter = filterFrom(query, scope);
		const limit = clamped(query.limit, 1, MAX_PAGE);
		const offset = clamped(query.offset, 0, MAX_OFFSET) ?? 0;
		const isWhole = limit === undefined && offset === 0 && !isScoped(scope) && saysNothing(filter);
		if (isWhole) return answerWhole(context, memory, dimensions);
		return answerPart(context, memory, { dimensions, filter, page: { offset, limit } });
	});
}

async function answerWhole(
	context: Context,
	memory: ProjectionContext,
	dimensions: 2 | 3,
): Promise<Response | JsonStream> {
	const whole = await memory.projections.whole(dimensions);
	switch (whole.status) {
		case "computing":
			return context.json({ status: "computing", dimensions }, 202);
		case "failed":
			return context.json({ status: "error", message: whole.problem }, 500);
		case "ready": {
			return answerProjection(memory, whole, { dimensions, scope: EVERYTHING }, (nodes) => ({
				...{ status: "ready", dimensions, count: nodes, total: nodes, limit: nodes, offset: 0, hasMore: false },
				cachedAt: whole.madeAt,
			}));
		}
	}
}

async function answerPart(
	context: Context,
	memory: ProjectionContext,
	part: Omit<Parameters<Projections["part"]>[0], "signal">,
): Promise<Response | JsonStream> {
	try {
		const drawn = await memory.projections.part({ ...part, signal: context.req.raw.signal });
		const { offset, limit = Math.max(0, drawn.total - offset) } = part.page;
		const { scope } = part.filter;
		return answerProjection(memory, drawn, { dimensions: part.dimensions, scope }, (count) => ({
			...{ status: "ready", dimensions: part.dimensions, count, total: drawn.total, limit, offset },
			hasMore: offset + drawn.docs.length < drawn.total,
		}));
	} catch (error) {
		return context.json({ status: "error", message: error instanceof Error ? error.message : String(error) }, 500);
	}
}

interface Shown {
	readonly dimensions: 2 | 3;
	readonly scope: MemoryScope;
}

/** Places were kept, memories are as they are now: what was forgotten meanwhile is left out, with its edges. */
function answerProjection(
	{ database, world }: ProjectionContext,
	projection: Projection,
	shown: Shown,
	rest: StreamedObject["rest"],
): JsonStream {
	const placeOf = new Map<number, number>();
	return streamObject(world.timers, {
		list: { name: "nodes", batches: nodesOf(database, projection, shown, placeOf) },
		rest,
		lastList: { name: "edges", batches: edgesAmong(projection.edges, placeOf) },
	});
}

async function* nodesOf(
	database: Database,
	{ docs, points }: Projection,
	{ dimensions, scope }: Shown,
	placeOf: Map<number, number>,
): AsyncGenerator<z.infer<ReturnType<typeof nodeSchema>>[]> {
	for (let from = 0; from < docs.length; from += NODES_AT_ONCE) {
		const part = [...docs.subarray(from, from + NODES_AT_ONCE)];
		const memories = await database.read((reader) => memoriesOfDocuments(reader, part, scope));
		yield part.flatMap((doc, at) => {
			const memory = memories.get(doc);
			if (!memory) return [];
			placeOf.set(from + at, placeOf.size);
			return [nodeOf(memory, points.subarray((from + at) * dimensions, (from + at + 1) * dimensions))];
		});
	}
}

function nodeOf(memory: MemoryRow, [x = 0, y = 0, depth]: Float32Array): z.infer<ReturnType<typeof nodeSchema>> {
	const { id, content, who, importance, type, tags, pinned, source_type, source_id, created_at } = memory;
	return {
		id,
		x,
		y,
		content,
		who: who ?? "unknown",
		importance: importance ?? 0.5,
		type: type ?? "memory",
		tags: parseTags(tags),
		pinned: pinned === 1,
		sourceType: source_type ?? "memory",
		sourceId: source_id ?? id,
		createdAt: created_at,
		...(depth !== undefined && { z: depth }),
	};
}

/** The edges between nodes that are shown, when it is known which those are. */
function* edgesAmong(edges: Uint32Array, placeOf: ReadonlyMap<number, number>): Generator<[number, number][]> {
	for (let from = 0; from < edges.length; from += 2 * EDGES_AT_ONCE) {
		const among: [number, number][] = [];
		for (let at = from; at < Math.min(edges.length, from + 2 * EDGES_AT_ONCE); at += 2) {
			const one = placeOf.get(edges[at] ?? -1);
			const other = placeOf.get(edges[at + 1] ?? -1);
			if (one !== undefined && other !== undefined) among.push([one, other]);
		}
		yield among;
	}
}

type Query = z.infer<ReturnType<(typeof projectionContract)["query"]>>;

/** Lenient, as clients rely on: what cannot be read is no filter. */
function filterFrom(query: Query, scope: MemoryScope): ProjectionFilter {
	const [low, high] = [
		fraction(query.importanceMin ?? query.importance_min),
		fraction(query.importanceMax ?? query.importance_max),
	];
	const isSwapped = low !== undefined && high !== undefined && low > high;
	return {
		scope,
		text: query.q?.trim() || undefined,
		who: listOf(query.who, query.harness),
		types: listOf(query.types) ?? listOf(query.type),
		sourceTypes: listOf(query.sourceTypes) ?? listOf(query.source_type) ?? listOf(query.sourceType),
		tags: listOf(query.tags),
		pinned: flag(query.pinned),
		sinceMs: timeOf(query.since),
		untilMs: timeOf(query.until),
		importanceMin: isSwapped ? high : low,
		importanceMax: isSwapped ? low : high,
	};
}

function saysNothing({ scope: _, ...filter }: ProjectionFilter): boolean {
	return Object.values(filter).every((part) => part === undefined);
}

function listOf(...given: (string | null | undefined)[]): string[] | undefined {
	const parts = given.flatMap((value) => (value ?? "").split(",")).map((part) => part.trim());
	const stated = [...new Set(parts.filter((part) => part !== ""))];
	return stated.length > 0 ? stated : undefined;
}

function flag(given: string | null | undefined): boolean | undefined {
	if (given === "1" || given === "true") return true;
	return given === "0" || given === "false" ? false : undefined;
}

function fraction(given: string | null | undefined): number | undefined {
	const value = Number.parseFloat(given ?? "");
	return Number.isNaN(value) ? undefined : Math.min(1, Math.max(0, value));
}

function clamped(given: string | null | undefined, min: number, max: number): number | undefined {
	const value = Number.parseInt(given ?? "", 10);
	return Number.isNaN(value) ? undefined : Math.min(max, Math.max(min, value));
}

function timeOf(given: string | null | undefined): number | undefined {
	return given ? (parseTime(given) ?? undefined) : undefined;
}
