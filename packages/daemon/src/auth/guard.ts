import { isScoped } from "@signet/core";
import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { Authenticator } from "./authenticator.ts";
import { type Caller, isKnown, may } from "./caller.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { forbidden, unauthenticated } from "./refusal.ts";
import { accessOf, accessOfUnanswered, type RouteAccess } from "./route-access.ts";
import { restrictionOf } from "./scope.ts";
import type { RefusedRequest, SecurityLog } from "./security-log.ts";
import type { SentRequest } from "./sender.ts";

/** What the server knows of a request beside the request. */
export interface ServerBindings {
	/** The other end of its connection; undefined when that is gone. */
	readonly peer?: () => string | undefined;
}

/** What requests carry along inside of the application. */
export interface AppEnv {
	Bindings: ServerBindings;
	Variables: { caller: Caller };
}

export interface GuardOptions {
	readonly authenticator: Authenticator;
	readonly limiter: RateLimiter;
	readonly log: SecurityLog;
}

/** Lets requests through to their route, or not: by who sends them, and by what the table says of the route. */
export class Guard {
	constructor(private readonly options: GuardOptions) {}

	/** Find out who sends a request and whether they may. Throws a `Refusal` when they may not. */
	admit(context: Context<AppEnv>): void {
		const { authenticator, limiter } = this.options;
		const route = routeOf(context);
		const access = route ? accessOf(route) : accessOfUnanswered(methodOf(context), context.req.path);
		const caller = authenticator.identify(sentRequest(context));
		context.set("caller", caller);
		if (!access) throw forbidden("nothing says who may call this route");
		demand(caller, access);
		if (access.rate) limiter.spend(access.rate, caller);
	}

	/** Tell of a request that was turned away. */
	tell(context: Context<AppEnv>, refusal: Pick<RefusedRequest, "status" | "code" | "reason">): void {
		this.options.log.refused({
			...refusal,
			address: this.options.authenticator.addressOf(sentRequest(context)),
			method: context.req.method,
			route: routeOf(context)?.path ?? "no route",
		});
	}
}

/** Throws when there is a route that the table does not have: what nobody thought of must not be served. */
export function demandAccessOfAll(routes: readonly { readonly method: string; readonly path: string }[]): void {
	const unknown = routes.filter((route) => !isMiddleware(route) && !accessOf(route));
	if (unknown.length === 0) return;
	throw new Error(`nothing says who may call ${unknown.map(({ method, path }) => `${method} ${path}`).join(", ")}`);
}

function isMiddleware({ method, path }: { readonly method: string; readonly path: string }): boolean {
	return method === "ALL" && path === "/*";
}

function demand(caller: Caller, { permission, scope }: RouteAccess): void {
	if (permission === "public") return;
	if (!isKnown(caller)) throw unauthenticated("authentication required");
	if (permission !== "authenticated" && !may(caller, permission)) {
		throw forbidden(`role '${caller.claims?.role}' lacks '${permission}' permission`);
	}
	if (scope === "whole" && isScoped(caller.scope)) throw forbidden(restrictionOf(caller.scope));
}

/** The route that will answer a request; undefined where none will. */
function routeOf(context: Context<AppEnv>): { readonly method: string; readonly path: string } | undefined {
	return matchedRoutes(context).find((route) => !isMiddleware(route));
}

/** What is answered for GET is answered for HEAD. */
function methodOf(context: Context<AppEnv>): string {
	return context.req.method === "HEAD" ? "GET" : context.req.method;
}

function sentRequest(context: Context<AppEnv>): SentRequest {
	const { req, env } = context;
	return {
		headers: req.raw.headers,
		get peer() {
			return env.peer?.();
		},
	};
}
