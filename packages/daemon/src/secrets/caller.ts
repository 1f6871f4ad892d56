import type { Caller } from "@signet/secrets";
import type { Context } from "hono";
import type { AppEnv } from "../auth/guard.ts";

const ROLES = ["operator", "pipeline", "harness", "sdk", "daemon"];

/** Who asks: by their token, or else by their own account, which are the headers that clients send. */
export function callerOf(context: Context<AppEnv>): Caller {
	const { claims } = context.get("caller");
	if (claims) return { name: claims.sub, role: claims.role, isVerified: true };
	const header = (name: string) => context.req.header(name)?.trim() ?? "";
	const role = header("x-signet-actor-type");
	return {
		name: header("x-signet-actor") || "anonymous",
		role: ROLES.includes(role) ? role : "client",
		isVerified: false,
	};
}
