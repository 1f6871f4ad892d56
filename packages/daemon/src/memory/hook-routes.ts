import { cleanFields } from "@signet/core";
import { type MemoryContext, rememberCompaction, rememberFromHook } from "@signet/memory";
import { type RecallContext, recallForHook } from "@signet/search";
import type { Context } from "hono";
import * as z from "zod/mini";
import { optionalInteger, optionalText, requiredText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { actorOf } from "./actor.ts";
import { MAX_CONTENT_CHARS } from "./remember-contract.ts";

const NO_OBJECT = "Invalid JSON body";
const MAX_RESULTS = 200;
const DEFAULT_RESULTS = 10;

const hookFields = (required: string) => ({
	harness: requiredText("harness", required),
	sessionKey: optionalText("sessionKey"),
	project: optionalText("project"),
	runtimePath: optionalText("runtimePath"),
});

const longText = (name: string, required: string) =>
	z.string(required).check(
		z.refine((text) => text.trim() !== "", required),
		z.maxLength(MAX_CONTENT_CHARS, `${name} may have at most ${MAX_CONTENT_CHARS} characters; divide it`),
	);

const rememberContract = {
	method: "POST",
	path: "/api/hooks/remember",
	summary: "Remember what somebody told a harness to",
	body: () => {
		const required = "harness and content are required";
		return z.object(
			{
				...hookFields(required),
				content: longText("content", required),
				who: optionalText("who"),
				idempotencyKey: optionalText("idempotencyKey"),
			},
			NO_OBJECT,
		);
	},
	answers: () => ({
		200: { description: "It is stored", schema: z.object({ saved: z.literal(true), id: z.string() }) },
		400: { description: "The body is not valid", schema: errorReference },
		409: { description: "The key was used for another content, or this one was erased", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

const recallContract = {
	method: "POST",
	path: "/api/hooks/recall",
	summary: "What is known of something, for a harness; by words alone",
	body: () => {
		const required = "harness and query are required";
		return z.object(
			{
				harness: requiredText("harness", required),
				query: requiredText("query", required),
				project: optionalText("project"),
				limit: optionalInteger("limit", 0, MAX_RESULTS),
			},
			NO_OBJECT,
		);
	},
	answers: () => ({
		200: {
			description: "What matches, the best first, whole",
			schema: z.object({ results: z.array(z.record(z.string(), z.unknown())), count: z.number() }),
		},
		400: { description: "The body is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

const compactionContract = {
	method: "POST",
	path: "/api/hooks/compaction-complete",
	summary: "Keep the summary that a harness made of a session",
	body: () => {
		const required = "harness and summary are required";
		return z.object({ ...hookFields(required), summary: longText("summary", required) }, NO_OBJECT);
	},
	answers: () => ({
		200: {
			description: "It is stored; without an id when that text was forgotten before",
			schema: z.object({ success: z.literal(true), memoryId: z.nullable(z.string()) }),
		},
		400: { description: "The body is not valid", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

/** What the hooks of a harness store and ask for. */
export function addHookRoutes(routes: Routes, memory: MemoryContext & RecallContext): void {
	routes.add(recallContract, async ({ body: { query, project, limit }, context, caller: { scope } }) => {
		if (context.req.header("x-signet-no-hooks") === "1") return { memories: [], count: 0 };
		const cleaner = await memory.guard.ready();
		const rows = await recallForHook(memory, { query, project, scope, limit: limit || DEFAULT_RESULTS });
		const results = rows.map(({ id, content, type, importance, tags, created_at }) => {
			return cleanFields({ id, content, type, importance, tags, created_at }, cleaner);
		});
		return { results, count: results.length };
	});
	routes.add(rememberContract, async ({ body: { sessionKey, ...body }, context }) => {
		// An agent that the daemon itself has started must not feed it.
		if (context.req.header("x-signet-no-hooks") === "1") return { success: true, memories: [] };
		const request = { ...body, sessionId: sessionKey, runtimePath: runtimePathOf(context, body.runtimePath) };
		return {
			saved: true,
			id: await rememberFromHook(memory, request, await actorOf(context, memory.guard, body.harness)),
		};
	});
	routes.add(compactionContract, async ({ body: { sessionKey, ...body }, context }) => {
		const request = { ...body, sessionId: sessionKey, runtimePath: runtimePathOf(context, body.runtimePath) };
		const memoryId = await rememberCompaction(memory, request, await actorOf(context, memory.guard, body.harness));
		return { success: true, memoryId: memoryId ?? null };
	});
}

function runtimePathOf(context: Context, given: string | undefined): string | undefined {
	return context.req.header("x-signet-runtime-path")?.trim() || given;
}
