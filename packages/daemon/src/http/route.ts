import { invalidRequest } from "@signet/core";
import type { Context, Hono } from "hono";
import type * as z from "zod/mini";
import type { Bodies } from "./body.ts";

/** A schema of anything. */
export type Schema<T = unknown> = z.ZodMiniType<T>;

/**
 * What can be said of a route without running it: what it takes, what it answers, what it is for. Schemas are made when
 * they are first needed, which for most of them is never.
 */
export interface RouteContract<Body = unknown, Query = unknown> {
	readonly method: "GET" | "POST" | "PATCH" | "DELETE";
	/** As Hono has it, such as `/api/memory/:id`. */
	readonly path: string;
	/** One sentence. */
	readonly summary: string;
	readonly body?: () => Schema<Body>;
	readonly query?: () => Schema<Query>;
	/** The body may be left out, and what it does not say is taken from the query. */
	readonly isBodyOptional?: boolean;
	/** Answers by status. An answer without a schema is no JSON. */
	readonly answers: () => Readonly<Record<number, { readonly description: string; readonly schema?: Schema }>>;
}

export interface RouteInput<Body, Query> {
	readonly body: Body;
	readonly query: Query;
	/** A part of the path, decoded. */
	readonly param: (name: string) => string;
	readonly context: Context;
}

/** Adds routes to an application and keeps their contracts, so that the application can describe itself. */
export class Routes {
	readonly #contracts: RouteContract[] = [];

	constructor(
		private readonly app: Hono,
		private readonly bodies: Bodies,
	) {}

	/** The contracts of all routes, in the order in which they were added. */
	get contracts(): readonly RouteContract[] {
		return this.#contracts;
	}

	/**
	 * Add a route. Body and query reach the handler as its contract says, or the request is answered 400 with the first
	 * thing that is wrong. What the handler gives is answered as JSON, unless it is a response already.
	 */
	add<Body, Query>(
		contract: RouteContract<Body, Query>,
		handle: (input: RouteInput<Body, Query>) => Promise<object> | object,
	): void {
		this.#contracts.push(contract);
		let schemas: { body: Schema<Body> | undefined; query: Schema<Query> | undefined } | undefined;
		this.app.on(contract.method, contract.path, async (context) => {
			schemas ??= { body: contract.body?.(), query: contract.query?.() };
			const query = parse(schemas.query, schemas.query && queryOf(context));
			const answer = await handle({
				body: parse(schemas.body, schemas.body && (await this.#bodyOf(context, contract, query))),
				query,
				param: (name) => context.req.param(name) ?? "",
				context,
			});
			return answer instanceof Response ? answer : context.json(answer);
		});
	}

	async #bodyOf(context: Context, { isBodyOptional = false }: RouteContract, query: unknown): Promise<unknown> {
		const body = await this.bodies.readJson(context.req.raw, { isOptional: isBodyOptional });
		return isBodyOptional && isRecord(body) && isRecord(query) ? { ...withoutAbsent(query), ...body } : body;
	}
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

function withoutAbsent(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The last one counts when a parameter is repeated. */
function queryOf(context: Context): Record<string, string> {
	return Object.fromEntries(new URL(context.req.url).searchParams);
}
