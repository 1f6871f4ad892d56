import type { Actor } from "@signet/memory";
import type { Context } from "hono";

const ACTOR_TYPES = ["operator", "pipeline", "harness", "sdk", "daemon"];

/** Who asks, by their own account: the headers that clients send, then the body. */
export function actorOf(context: Context, changedBy: string | undefined): Actor {
	const header = (name: string) => context.req.header(name)?.trim() || null;
	const actorType = header("x-signet-actor-type");
	return {
		changedBy: header("x-signet-actor") ?? changedBy ?? "daemon",
		actorType: actorType && ACTOR_TYPES.includes(actorType) ? actorType : "operator",
		sessionId: header("x-signet-session-id"),
		requestId: header("x-signet-request-id"),
	};
}
