import type { Caller } from "@signet/secrets";
import type { Context } from "hono";

const ROLES = ["operator", "pipeline", "harness", "sdk", "daemon"];

/** Who asks, by their own account: the headers that clients send. */
export function callerOf({ req }: Context): Caller {
	const role = req.header("x-signet-actor-type")?.trim() ?? "";
	return {
		name: req.header("x-signet-actor")?.trim() || "anonymous",
		role: ROLES.includes(role) ? role : "client",
		isVerified: false,
	};
}
