import * as z from "zod/mini";
import type { RouteContract, Schema } from "./route.ts";

/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html) of routes by their contracts. */
export function describeRoutes(contracts: readonly RouteContract[], version: string): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const contract of contracts) {
		const path = contract.path.replace(/:(\w+)/g, "{$1}");
		paths[path] = { ...paths[path], [contract.method.toLowerCase()]: describeOperation(contract) };
	}
	return {
		openapi: "3.1.0",
		info: {
			title: "Signet",
			version,
			description: "Memory and identity for AI coding agents, kept by their owner.",
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		paths,
		components: { schemas: { Error: jsonSchema(errorSchema(), "output") } },
	};
}

/** What every refusal and failure is answered with. */
const errorSchema = () =>
	z.object({
		error: z.string().check(z.describe("What was wrong and what to do, one sentence")),
		code: z.string().check(z.describe("Stable name of the kind of error")),
		details: z.optional(z.unknown()),
	});

function describeOperation({ method, path, summary, body, query, isBodyOptional, answers }: RouteContract): object {
	const parameters = [...pathParameters(path), ...queryParameters(query?.())];
	return {
		summary,
		operationId: `${method.toLowerCase()}${path.replace(/[^a-zA-Z]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
		...(parameters.length > 0 && { parameters }),
		...(body && {
			requestBody: {
				required: !isBodyOptional,
				content: { "application/json": { schema: jsonSchema(body(), "input") } },
			},
		}),
		responses: Object.fromEntries(
			Object.entries(answers()).map(([status, { description, schema }]) => [
				status,
				{ description, ...(schema && { content: { "application/json": { schema: jsonSchema(schema, "output") } } }) },
			]),
		),
	};
}

function pathParameters(path: string): object[] {
	return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
		name,
		in: "path",
		required: true,
		schema: { type: "string" },
	}));
}

function queryParameters(query: Schema | undefined): object[] {
	if (!query) return [];
	const { properties = {}, required = [] } = jsonSchema(query, "input");
	return Object.entries(properties).map(([name, schema]) => ({
		name,
		in: "query",
		required: required.includes(name),
		schema,
	}));
}

function jsonSchema(schema: Schema, io: "input" | "output"): { properties?: object; required?: readonly string[] } {
	if (schema === errorReference) return { $ref: "#/components/schemas/Error" } as object;
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
	return rest;
}

/** Stands for `errorSchema` in contracts, so that the document has it once. */
export const errorReference: Schema = z.unknown();
