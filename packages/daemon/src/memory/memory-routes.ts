import { type MemoryContext, remember } from "@signet/memory";
import type { Routes } from "../http/route.ts";
import { actorOf } from "./actor.ts";
import { rememberContract, rememberOptionsFrom, rememberRequestFrom } from "./remember-contract.ts";

/** Storing memories. */
export function addMemoryRoutes(routes: Routes, memory: MemoryContext): void {
	for (const [path, summary] of [
		["/api/memory/remember", "Remember something"],
		["/api/memory/save", "Remember something (older name)"],
		["/api/hook/remember", "Remember something (older name, for hooks)"],
	] as const) {
		routes.add(rememberContract(path, summary), async ({ body, context }) =>
			remember(
				memory,
				rememberRequestFrom(body, context.req.header("idempotency-key")),
				await actorOf(context, memory.guard, body.changed_by),
				rememberOptionsFrom(body),
			),
		);
	}
}
