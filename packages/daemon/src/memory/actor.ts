import type { Actor } from "@signet/memory";
import type { Context } from "hono";
import type { AppEnv } from "../auth/guard.ts";

const ACTOR_TYPES = ["operator", "pipeline", "harness", "sdk", "daemon"];

/**
 * Who asks: by their token, or else by their own account, which are the headers that clients send, then the body. What
 * they say of themselves beside a token counts for nothing.
 */
export function actorOf(context: Context<AppEnv>, changedBy: string | undefined): Actor {
	const header = (name: string) => context.req.header(name)?.trim() || null;
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
		changedBy: header("x-signet-actor") ?? changedBy ?? "daemon",
		actorType: actorType && ACTOR_TYPES.includes(actorType) ? actorType : "operator",
	};
}
