import { invalidRequest, type MemoryScope, notFound } from "@signet/core";
import * as z from "zod/mini";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import type { Auth } from "./open-auth.ts";
import { ROLES } from "./permissions.ts";
import { MAX_SUBJECT_CHARS, readScope } from "./scope.ts";
import type { Tokens } from "./tokens.ts";

const NO_BODY = "invalid request body";
const DEFAULT_GRACE_S = 86_400;
const MAX_GRACE_S = 30 * 86_400;

const scopeSchema = () => z.object({ project: text(), agent: text(), user: text() });
const text = () => z.optional(z.string());

const whoamiContract = {
	method: "GET",
	path: "/api/auth/whoami",
	summary: "Who the daemon takes you for",
	answers: () => ({
		200: {
			description: "What your token says; null without one",
			schema: z.object({
				authenticated: z.boolean(),
				claims: z.nullable(
					z.object({
						sub: z.string(),
						scope: scopeSchema(),
						role: z.enum(ROLES),
						iat: z.number(),
						exp: z.number(),
						jti: text(),
					}),
				),
				mode: z.string(),
			}),
		},
	}),
} satisfies RouteContract;

/** Zero and less have always meant that nothing was said. */
const lifetime = () =>
	z.pipe(
		z.nullish(z.number("ttlSeconds must be a number of seconds")),
		z.transform((seconds) => (typeof seconds === "number" && seconds > 0 ? seconds : undefined)),
	);

const scopeField = () =>
	z.pipe(
		z.unknown(),
		z.transform((given, context): MemoryScope => {
			const scope = given === undefined || given === null ? {} : readScope(given);
			if (scope) return scope;
			const message = "scope must be an object of project, agent, user: each a text of 1 to 256 characters";
			context.issues.push({ code: "custom", message, input: given });
			return z.NEVER;
		}),
	);

const issueContract = {
	method: "POST",
	path: "/api/auth/token",
	summary: "Make a token",
	malformedBody: NO_BODY,
	body: () =>
		z.object(
			{
				role: z.enum(ROLES, `role must be one of: ${ROLES.join(", ")}`),
				scope: z.optional(scopeField()),
				ttlSeconds: lifetime(),
				sub: z.nullish(
					z
						.string("sub must be a text")
						.check(
							z.minLength(1, "sub must not be empty"),
							z.maxLength(MAX_SUBJECT_CHARS, `sub may have at most ${MAX_SUBJECT_CHARS} characters`),
						),
				),
			},
			NO_BODY,
		),
	answers: () => ({
		200: {
			description: "The token, which is shown this once",
			schema: z.object({ token: z.string(), expiresAt: z.string(), jti: z.string() }),
		},
		400: { description: "The body is not valid, or no tokens are asked for here", schema: errorReference },
	}),
} satisfies RouteContract;

const listContract = {
	method: "GET",
	path: "/api/auth/tokens",
	summary: "The tokens that were made, without themselves",
	answers: () => ({
		200: {
			description: "The latest first",
			schema: z.object({
				tokens: z.array(
					z.object({
						jti: z.string(),
						sub: z.string(),
						role: z.enum(ROLES),
						scope: scopeSchema(),
						issuedAt: z.string(),
						expiresAt: z.string(),
						issuedBy: z.string(),
						revokedAt: z.nullable(z.string()),
						state: z
							.enum(["valid", "revoked", "expired", "stale"])
							.check(z.describe("stale: the key that it was made with is gone")),
					}),
				),
			}),
		},
		400: { description: "No tokens are asked for here", schema: errorReference },
	}),
} satisfies RouteContract;

const revokeContract = {
	method: "DELETE",
	path: "/api/auth/tokens/:jti",
	summary: "Let a token hold no longer",
	answers: () => ({
		200: { description: "It does not", schema: z.object({ jti: z.string(), revoked: z.literal(true) }) },
		404: { description: "There is none of that id, or it was revoked before", schema: errorReference },
	}),
} satisfies RouteContract;

const rotateContract = {
	method: "POST",
	path: "/api/auth/rotate",
	summary: "Take another key for tokens; those of the one until now hold for a while",
	isBodyOptional: true,
	body: () =>
		z.object(
			{
				graceSeconds: z.optional(
					z
						.number(`graceSeconds must be a number from 0 to ${MAX_GRACE_S}`)
						.check(z.minimum(0), z.maximum(MAX_GRACE_S, `graceSeconds may be at most ${MAX_GRACE_S}`)),
				),
			},
			NO_BODY,
		),
	answers: () => ({
		200: {
			description: "Until then tokens from before hold",
			schema: z.object({ rotated: z.literal(true), previousUntil: z.string() }),
		},
		400: { description: "The body is not valid, or no tokens are asked for here", schema: errorReference },
	}),
} satisfies RouteContract;

/** Who is who, and the tokens that say so. */
export function addAuthRoutes(routes: Routes, { mode, tokens }: Pick<Auth, "mode" | "tokens">): void {
	routes.add(whoamiContract, ({ caller: { claims = null } }) => ({ authenticated: claims !== null, claims, mode }));
	routes.add(listContract, () => ({ tokens: demand(tokens).list() }));
	routes.add(revokeContract, ({ param }) => {
		const jti = param("jti");
		if (!demand(tokens).revoke(jti)) throw notFound(`There is no token ${jti} that holds`);
		return { jti, revoked: true };
	});
	if (!tokens) {
		// Whatever the body is.
		for (const { body: _, ...contract } of [issueContract, rotateContract]) {
			routes.add<unknown, unknown>(contract, () => demand(tokens));
		}
		return;
	}
	routes.add(issueContract, ({ body: { role, scope = {}, ttlSeconds, sub }, caller }) =>
		tokens.issue({ role, scope, ttlSeconds, sub: sub ?? undefined }, caller.claims?.sub ?? caller.identity),
	);
	routes.add(rotateContract, ({ body: { graceSeconds = DEFAULT_GRACE_S } }) => ({
		rotated: true,
		previousUntil: tokens.rotate(graceSeconds),
	}));
}

function demand(tokens: Tokens | undefined): Tokens {
	if (!tokens) throw invalidRequest("auth secret not available (local mode?)");
	return tokens;
}
