import { invalidRequest } from "@signet/core";
import type { Context, Hono } from "hono";
import type * as z from "zod/mini";
import type { Caller } from "../auth/caller.ts";
import type { AppEnv } from "../auth/guard.ts";
import type { RateLimiter } from "../auth/rate-limiter.ts";
import type { RateOperation } from "../auth/rate-operations.ts";
import { accessOf, type RouteAddress } from "../auth/route-access.ts";
import { readJsonBody } from "./body.ts";
import type { IncomingBodies } from "./incoming-bodies.ts";
import { JsonStream } from "./json-stream.ts";
import type { OutgoingAnswers } from "./outgoing-answers.ts";

/** A schema of anything. */
export type Schema<T = unknown> = z.ZodMiniType<T>;

/**
 * What can be said of a route without running it: what it takes, what it answers, what it is for. Schemas are made when
 * they are first needed, which for most of them is never.
 */
export type RouteContract<Body = unknown, Query = unknown> = RouteAddress & RouteDescription<Body, Query>;

/** What is said of a route beside its method and path, which have to stand in the table of who may call what. */
export interface RouteDescription<Body, Query> {
	/** One sentence. */
	readonly summary: string;
	readonly body?: () => Schema<Body>;
	readonly query?: () => Schema<Query>;
	/** The body may be left out, and what it does not say is taken from the query. */
	readonly isBodyOptional?: boolean;
	/** What is said of a body that is no JSON, where clients know other words for it. */
	readonly malformedBody?: string;
	/** Answers by status. An answer without a schema is no JSON. */
	readonly answers: () => Readonly<Record<number, { readonly description: string; readonly schema?: Schema }>>;
}

export interface RouteInput<Body, Query> {
	readonly body: Body;
	readonly query: Query;
	/** A part of the path, decoded. */
	readonly param: (name: string) => string;
	readonly context: Context<AppEnv>;
	readonly caller: Caller;
	/** Count the request as something that it turns out to be besides. Throws when the caller has had its share. */
	readonly spend: (operation: RateOperation) => void;
}

/** Adds routes to an application and keeps their contracts, so that the application can describe itself. */
export class Routes {
	readonly #contracts: RouteContract[] = [];

	constructor(
		private readonly app: Hono<AppEnv>,
		private readonly bodies: Pick<IncomingBodies, "read">,
		private readonly answers: OutgoingAnswers,
		private readonly limiter: Pick<RateLimiter, "spend">,
	) {}

	/** The contracts of all routes, in the order in which they were added. */
	get contracts(): readonly RouteContract[] {
		return this.#contracts;
	}

	/**
	 * Add a route. Body and query reach the handler as its contract says, or the request is answered 400 with the first
	 * thing that is wrong. What the handler gives is answered as JSON, unless it is a response already; that must be small.
	 */
	add<Body, Query>(
		contract: RouteContract<Body, Query>,
		handle: (input: RouteInput<Body, Query>) => Promise<object> | object,
	): void {
		if (!accessOf(contract)) throw new Error(`nothing says who may call ${contract.method} ${contract.path}`);
		this.#contracts.push(contract);
		let schemas: { body: Schema<Body> | undefined; query: Schema<Query> | undefined } | undefined;
		this.app.on(contract.method, contract.path, async (context) => {
			schemas ??= { body: contract.body?.(), query: contract.query?.() };
			const query = parse(schemas.query, schemas.query && queryOf(context));
			const caller = context.get("caller");
			const answer = await handle({
				body: parse(schemas.body, schemas.body && (await bodyOf(context, this.bodies, contract, query))),
				query,
				param: (name) => context.req.param(name) ?? "",
				context,
				caller,
				spend: (operation) => this.limiter.spend(operation, caller),
			});
			return answer instanceof Response ? answer : answerJson(context, answer, this.answers);
		});
	}
}

/** Answer JSON to somebody who may read it slowly, or not at all. */
export function answerJson(context: Context, answer: object, answers: OutgoingAnswers): Response {
	const headers = { "content-type": "application/json" };
	// Nobody reads what HEAD leaves out.
	if (context.req.method === "HEAD") return context.body(null, 200, headers);
	const body = answer instanceof JsonStream ? answers.pieces(answer.pieces) : answers.whole(JSON.stringify(answer));
	return context.body(body, 200, headers);
}

/**
 * What was given, as the schema has it. Throws an `invalid_request` that says the first thing that is wrong. Without a
 * schema there is nothing to parse and nothing that the handler could use.
 */
export function parse<T>(schema: Schema<T> | undefined, given: unknown): T {
	if (!schema) return undefined as T;
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const [first] = parsed.error.issues;
	throw invalidRequest(
		first?.message ?? "the request is not valid",
		parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), message })),
	);
}

async function bodyOf(
	context: Context,
	bodies: Pick<IncomingBodies, "read">,
	{ isBodyOptional = false, malformedBody }: Pick<RouteContract, "isBodyOptional" | "malformedBody">,
	query: unknown,
): Promise<unknown> {
	const body = await readJsonBody(context.req.raw, bodies, {
		isOptional: isBodyOptional,
		...(malformedBody !== undefined && { malformed: malformedBody }),
	});
	return isBodyOptional && isRecord(body) && isRecord(query) ? { ...withoutAbsent(query), ...body } : body;
}

function withoutAbsent(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The last one counts when a parameter is repeated. */
function queryOf(context: Context): Record<string, string> {
	// What stands before it was made of the `Host` header, and need not be an address.
	const [, query = ""] = /\?([^#]*)/.exec(context.req.url) ?? [];
	return Object.fromEntries(new URLSearchParams(query));
}
