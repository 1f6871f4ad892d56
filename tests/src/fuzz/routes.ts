import * as z from "zod/mini";

const parameter = z.object({ name: z.string(), in: z.enum(["path", "query"]) });
const operation = z.object({
	parameters: z.optional(z.array(parameter)),
	requestBody: z.optional(
		z.object({
			content: z.record(z.string(), z.object({ schema: z.looseObject({ properties: z.optional(z.looseObject({})) }) })),
		}),
	),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** What a request to a route is made of. */
export interface FuzzedRoute {
	readonly method: string;
	/** With its parameters in braces. */
	readonly path: string;
	readonly query: readonly string[];
	readonly fields: readonly string[];
	readonly hasBody: boolean;
}

/** The routes of an OpenAPI document. */
export function routesOf(openapi: unknown): FuzzedRoute[] {
	return Object.entries(document.parse(openapi).paths).flatMap(([path, operations]) =>
		Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
			method: method.toUpperCase(),
			path,
			query: parameters.filter((each) => each.in === "query").map(({ name }) => name),
			fields: Object.keys(requestBody?.content["application/json"]?.schema.properties ?? {}),
			hasBody: requestBody !== undefined,
		})),
	);
}
