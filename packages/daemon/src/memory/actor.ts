import type { TextGuard } from "@signet/core";
import type { Actor } from "@signet/memory";
import type { Context } from "hono";
import type { AppEnv } from "../auth/guard.ts";

const ACTOR_TYPES = ["operator", "pipeline", "harness", "sdk", "daemon"];

/**
 * Who asks: by their token, or else by their own account, which are the headers that clients send, then the body. What
 * they say of themselves beside a token counts for nothing. Histories keep it, so secrets go no further than here.
 */
export async function actorOf(
	context: Context<AppEnv>,
	guard: TextGuard,
	changedBy: string | undefined,
): Promise<Actor> {
	const cleaner = await guard.ready();
	const header = (name: string) => cleaner.clean(context.req.header(name)?.trim() ?? "").text || null;
	const { claims, scope } = context.get("caller");
	const common = {
		sessionId: header("x-signet-session-id"),
		requestId: header("x-signet-request-id"),
		scope,
		isVerified: claims !== undefined,
	};
	if (claims) return { ...common, changedBy: claims.sub, actorType: claims.role };
	const actorType = header("x-signet-actor-type");
	return {
		...common,
		changedBy: header("x-signet-actor") ?? cleaner.clean(changedBy ?? "daemon").text,
		actorType: actorType && ACTOR_TYPES.includes(actorType) ? actorType : "operator",
	};
}
