import { RequestError, type Settings, type World } from "@signet/core";
import { type Context, Hono } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { AppEnv } from "../auth/guard.ts";
import type { Auth } from "../auth/open-auth.ts";
import type { Logger } from "../logs/logger.ts";
import { answerFailure } from "./failure.ts";
import { judgeRequest } from "./gate.ts";
import type { IncomingBodies } from "./incoming-bodies.ts";
import { refuseOversized } from "./limits.ts";
import { describeRoutes } from "./openapi.ts";
import type { OutgoingAnswers } from "./outgoing-answers.ts";
import { answerJson, Routes } from "./route.ts";

export interface AppOptions {
	readonly version: string;
	/** The address that the server listens at. */
	readonly host: string;
	/** The port that the server listens on. */
	readonly port: () => number;
	readonly settings: () => Pick<Settings, "auth">;
	/** Decides who may call what. */
	readonly auth: Pick<Auth, "guard" | "limiter">;
	readonly logger: Logger;
	readonly random: World["random"];
	readonly bodies: IncomingBodies;
	readonly answers: OutgoingAnswers;
	/** Adds the routes of each part of the product. */
	readonly addRoutes: (routes: Routes) => void;
}

/** Statuses of those who may not do what they ask for. */
const TURNED_AWAY: readonly number[] = [401, 403, 429];
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;
const ALLOWED_METHODS = "GET,HEAD,PUT,POST,DELETE,PATCH";

/** The HTTP application: the gate, the routes, and an answer for everything else. */
export function createApp(options: AppOptions): Hono<AppEnv> {
	// The default router compiles all routes into one expression, which the memory at rest would pay for.
	const app = new Hono<AppEnv>({ router: new TrieRouter() });
	app.use(async (context, next) => {
		const admitted = admit(context, options);
		if (admitted instanceof RequestError) context.res = answerRefusal(admitted, context, options);
		else await next();
		protect(context.res.headers, admitted instanceof RequestError ? null : admitted);
	});
	app.options("*", (context) => answerPreflight(context));
	const routes = new Routes(app, options.bodies, options.answers, options.auth.limiter);
	options.addRoutes(routes);
	app.get("/openapi.json", (context) =>
		answerJson(context, describeRoutes(routes.contracts, options.version), options.answers),
	);
	app.notFound((context) => {
		const { method, path } = context.req;
		return context.json(
			{ error: `There is no ${method} ${path}; /openapi.json lists what there is`, code: "no_route" },
			404,
		);
	});
	app.onError((error, context) => answerRefusal(error, context, options));
	return app;
}

/** The origin to name in the answer, if any, or why the request must not get in. */
function admit(context: Context<AppEnv>, options: AppOptions): string | null | RequestError {
	const { host, port, settings, auth } = options;
	const { req } = context;
	const header = (name: string) => req.header(name) ?? null;
	const verdict = judgeRequest(
		{
			method: req.method,
			path: req.path,
			host: header("host"),
			origin: header("origin"),
			fetchSite: header("sec-fetch-site"),
			fetchMode: header("sec-fetch-mode"),
			fetchDest: header("sec-fetch-dest"),
		},
		{ host, port: port(), allowedHosts: settings().auth.allowedHosts },
	);
	if (!verdict.isAllowed) return new RequestError(403, "forbidden_origin", verdict.reason);
	const oversized = refuseOversized(req.raw);
	if (oversized) return oversized;
	try {
		auth.guard.admit(context);
	} catch (error) {
		if (error instanceof RequestError) return error;
		throw error;
	}
	return verdict.origin;
}

/** Answer what went wrong; whoever was turned away is told of. */
function answerRefusal(error: unknown, context: Context<AppEnv>, options: AppOptions): Response {
	if (error instanceof RequestError && TURNED_AWAY.includes(error.status)) {
		const { status, code, message: reason } = error;
		options.auth.guard.tell(context, { status, code, reason });
	}
	return answerFailure(error, context, options);
}

/** What is no page may load nothing, run nothing and be framed by nobody, should a browser ever take it for one. */
const NO_PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** Headers of every answer. */
function protect(headers: Headers, origin: string | null): void {
	if (!headers.has("content-security-policy")) headers.set("content-security-policy", NO_PAGE_POLICY);
	headers.set("x-content-type-options", "nosniff");
	headers.set("x-frame-options", "DENY");
	headers.set("referrer-policy", "no-referrer");
	headers.set("cross-origin-resource-policy", "same-origin");
	headers.set("cross-origin-opener-policy", "same-origin");
	if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
	headers.append("vary", "Origin");
	if (origin !== null) headers.set("access-control-allow-origin", origin);
}

/** Whoever gets here with an origin is allowed to ask; a program is told nothing that only browsers heed. */
function answerPreflight({ req }: Context): Response {
	const headers = new Headers({ vary: "Access-Control-Request-Headers, Access-Control-Request-Private-Network" });
	if (req.header("origin") === undefined) return new Response(null, { status: 204, headers });
	headers.set("access-control-allow-methods", ALLOWED_METHODS);
	const asked = req.header("access-control-request-headers");
	if (asked !== undefined && HEADER_NAMES.test(asked)) headers.set("access-control-allow-headers", asked);
	if (req.header("access-control-request-private-network") === "true") {
		headers.set("access-control-allow-private-network", "true");
	}
	return new Response(null, { status: 204, headers });
}
