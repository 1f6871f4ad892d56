import * as z from "zod/mini";

/** A request that a page tries. */
export interface Target {
	readonly method: string;
	readonly path: string;
	readonly body?: string;
}

const schemaNode = z.looseObject({ type: z.optional(z.union([z.string(), z.array(z.string())])) });
const operation = z.looseObject({
	requestBody: z.optional(z.object({ content: z.record(z.string(), z.object({ schema: schemaNode })) })),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** What is meant to get in somewhere, and what is meant to be got out. */
export const PLANTED = "planted by a page";

/**
 * Every route of an OpenAPI document, with requests that would do something if they got in: to what has the `ids`, by
 * bodies as the document wants them.
 */
export function targetsOf(openapi: unknown, ids: { memory: string; import: string }): Target[] {
	const { paths } = document.parse(openapi);
	const targets = Object.entries(paths).flatMap(([path, operations]) =>
		Object.entries(operations).map(([method, { requestBody }]): Target => {
			const id = path.startsWith("/api/imports") ? ids.import : ids.memory;
			const isReading = method === "get";
			const query = isReading ? "?q=treasure&query=treasure" : "?reason=planted&force=true";
			const place = path.replace("{id}", id).replace(/\{\w+\}/g, "memory") + query;
			if (isReading) return { method: "GET", path: place };
			const schema = requestBody?.content["application/json"]?.schema;
			return { method: method.toUpperCase(), path: place, body: JSON.stringify(sample(schema ?? {}, ids.memory)) };
		}),
	);
	return [...targets, { method: "GET", path: "/openapi.json" }];
}

function sample(schema: z.infer<typeof schemaNode>, memory: string): unknown {
	const { properties = {} } = z
		.looseObject({ properties: z.optional(z.record(z.string(), z.unknown())) })
		.parse(schema);
	const known: Record<string, unknown> = {
		content: PLANTED,
		query: "treasure",
		reason: PLANTED,
		harness: "page",
		ids: [memory],
		patches: [{ id: memory, content: PLANTED }],
		rows: [{ kind: "text", key: "1", memory: { content: PLANTED } }],
		source: "page",
		format: "jsonl",
		account: {},
		value: PLANTED,
		command: "echo planted",
		secrets: {},
		file: "AGENTS.md",
		role: "admin",
		force: true,
		autoInstall: true,
		checkInterval: 300,
	};
	const body = Object.fromEntries(Object.entries(known).filter(([name]) => name in properties));
	// Otherwise what is to be forgotten is only shown.
	return "ids" in properties && "mode" in properties ? { ...body, mode: "execute" } : body;
}
