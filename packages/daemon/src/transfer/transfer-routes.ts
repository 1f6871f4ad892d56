import { cleanFields, isoTime } from "@signet/core";
import type { MemoryContext } from "@signet/memory";
import {
	beginImport,
	CARRIED,
	completeImport,
	exportPage,
	listImports,
	type Taken,
	type TransferRow,
	Trials,
	takeRows,
	undoImport,
} from "@signet/transfer";
import * as z from "zod/mini";
import { optionalFlag, optionalInteger, requiredText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import { parse, type RouteContract, type Routes } from "../http/route.ts";
import { actorOf } from "../memory/actor.ts";
import { idOf } from "../memory/change-routes.ts";
import { MAX_CONTENT_CHARS, rememberedFields } from "../memory/remember-contract.ts";

const MAX_ROWS = 500;
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 200;
const DEFAULT_UNDONE = 500;
const LISTED = 100;
const MAX_LISTED = 1_000;
const MAX_KEY_CHARS = 1_000;

const exportContract = {
	method: "GET",
	path: "/api/export/:kind",
	summary: `Rows as they stand in the file, page by page: ${CARRIED.join(", ")}`,
	query: () =>
		z.object({
			after: optionalInteger("after", 0, Number.MAX_SAFE_INTEGER),
			limit: optionalInteger("limit", 1, MAX_PAGE),
		}),
	answers: () => ({
		200: {
			description:
				"Rows in the order in which they came, forgotten memories too; memories with `position` and `role`, where somebody has said them",
			schema: z.object({
				rows: z.array(z.record(z.string(), z.unknown())),
				next: z.optional(z.number()).check(z.describe("after, for the next page; absent at the end")),
			}),
		},
		400: { description: "There is no such kind", schema: errorReference },
	}),
} satisfies RouteContract;

const importSchema = () =>
	z.object({
		id: z.string(),
		source: z.string(),
		format: z.string(),
		startedAt: z.string(),
		completedAt: z.nullable(z.string()),
		undoneAt: z.nullable(z.string()),
		isEmpty: z.boolean().check(z.describe("there is nothing to undo: it has changed nothing, or was undone")),
		account: z.unknown(),
	});

const beginContract = {
	method: "POST",
	path: "/api/imports",
	summary: "Begin to import memories from elsewhere",
	body: () =>
		z.object(
			{ source: requiredText("source"), format: requiredText("format"), dry_run: optionalFlag("dry_run") },
			"the body must be a JSON object",
		),
	answers: () => ({
		200: {
			description: "Under this id rows are taken, and can be undone; or only tried, for ten minutes after the last",
			schema: z.object({ id: z.string() }),
		},
		400: { description: "The body is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

const listContract = {
	method: "GET",
	path: "/api/imports",
	summary: "What was imported, the latest first",
	query: () => z.object({ limit: optionalInteger("limit", 1, MAX_LISTED) }),
	answers: () => ({
		200: { description: "Imports with their accounts", schema: z.object({ imports: z.array(importSchema()) }) },
	}),
} satisfies RouteContract;

const rowsContract = {
	method: "POST",
	path: "/api/imports/:id/rows",
	summary: "Take in rows of an import; what is wrong with one is wrong with it alone",
	body: () =>
		z.object(
			{
				rows: z
					.array(z.unknown(), "rows must be a list")
					.check(z.maxLength(MAX_ROWS, `at most ${MAX_ROWS} rows are taken at once`)),
				revive: optionalFlag("revive"),
			},
			"the body must be a JSON object",
		),
	answers: () => ({
		200: {
			description: "What became of each row, in their order",
			schema: z.object({
				results: z.array(
					z.object({
						outcome: z.enum(["kept", "merged", "refused"]),
						why: z.optional(z.string()),
						id: z.optional(z.string()).check(z.describe("of the memory that stands for it here")),
						isJoined: z
							.optional(z.boolean())
							.check(z.describe("merged, and what is here has got tags or a project that it did not have")),
						isHeldUp: z
							.optional(z.boolean())
							.check(z.describe("another memory says that at the moment: send it again when the import is through")),
					}),
				),
			}),
		},
		400: { description: "The body is not valid", schema: errorReference },
		404: { description: "No import has that id", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

const completeContract = {
	method: "POST",
	path: "/api/imports/:id/complete",
	summary: "Keep the account of an import that has come to its end",
	body: () => z.object({ account: z.unknown() }, "the body must be a JSON object"),
	answers: () => ({
		200: { description: "It, as it is listed", schema: importSchema() },
		404: { description: "No import has that id", schema: errorReference },
	}),
} satisfies RouteContract;

const undoContract = {
	method: "POST",
	path: "/api/imports/:id/undo",
	summary: "Take back what an import has brought, a part at a time",
	body: () => z.object({ limit: optionalInteger("limit", 1, MAX_ROWS) }, "the body must be a JSON object"),
	isBodyOptional: true,
	answers: () => ({
		200: {
			description: "How many rows were undone or left alone, and how many remain: send it again until none does",
			schema: z.object({ undone: z.number(), left: z.number(), remaining: z.number() }),
		},
		404: { description: "No import has that id", schema: errorReference },
		503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
	}),
} satisfies RouteContract;

/** Carrying memories to other places and from them. */
export function addTransferRoutes(routes: Routes, memory: MemoryContext): void {
	routes.add(exportContract, ({ query, param }) => {
		const kind = parse(z.enum(CARRIED, `what can be exported is one of ${CARRIED.join(", ")}`), param("kind"));
		return exportPage(memory, kind, { after: query.after ?? 0, limit: query.limit ?? DEFAULT_PAGE });
	});
	const trials = new Trials(memory);
	routes.add(beginContract, async ({ body }) => {
		const said = cleanFields(body, await memory.guard.ready());
		return { id: await (said.dry_run ? trials.begin(said) : beginImport(memory, said)) };
	});
	routes.add(listContract, async ({ query }) => ({
		imports: await listImports(memory.database, query.limit ?? LISTED),
	}));
	routes.add(rowsContract, async ({ body, param, context }) => {
		const read = rowReader();
		const rows = body.rows.map(read);
		const valid = rows.filter((row) => "kind" in row);
		const importId = idOf(param);
		const actor = await actorOf(context, memory.guard, "import");
		const isRevived = body.revive ?? false;
		const taken = trials.has(importId)
			? await trials.takeRows(importId, valid, actor, { isRevived })
			: await takeRows(memory, valid, actor, { importId, isRevived });
		const inOrder = taken[Symbol.iterator]();
		return { results: rows.map((row) => ("kind" in row ? inOrder.next().value : row)) };
	});
	routes.add(completeContract, ({ body, param }) => {
		const id = idOf(param);
		return trials.has(id) ? trials.complete(id, body.account) : completeImport(memory, id, body.account);
	});
	routes.add(undoContract, ({ body, param }) => undoImport(memory, idOf(param), body.limit ?? DEFAULT_UNDONE));
}

/** Reads a row, or says why it is none. */
function rowReader(): (given: unknown) => TransferRow | Taken {
	const key = z.string().check(z.maxLength(MAX_KEY_CHARS));
	const text = z.object({ kind: z.literal("text"), key, memory: z.object(rememberedFields()) });
	const value = z.union([z.string().check(z.maxLength(MAX_CONTENT_CHARS)), z.number(), z.null()]);
	const foreign = z.object({ kind: z.enum(CARRIED), key, row: z.record(z.string(), value) });
	return (given) => {
		const isText = typeof given === "object" && given !== null && "kind" in given && given.kind === "text";
		if (!isText) {
			const parsed = foreign.safeParse(given);
			return parsed.success ? parsed.data : refusal(parsed.error.issues[0]?.message);
		}
		const parsed = text.safeParse(given);
		if (!parsed.success) return refusal(parsed.error.issues[0]?.message);
		const { createdAt, ...memory } = parsed.data.memory;
		const time = createdAt === undefined ? {} : { createdAt: isoTime(createdAt) };
		return { ...parsed.data, memory: { ...memory, ...time } };
	};
}

function refusal(why = "it is not valid"): Taken {
	return { outcome: "refused", why };
}
