import { invalidRequest } from "@signet/core";
import { erase, forget, type MemoryContext, modify, recover, restore } from "@signet/memory";
import type { Context } from "hono";
import * as z from "zod/mini";
import { optionalFlag, optionalPositiveInteger, optionalText, strictFlag } from "../http/fields.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { actorOf } from "./actor.ts";
import { answerChange, changeAnswers } from "./change-answer.ts";
import { changeFields, NO_OBJECT, NOTHING_TO_CHANGE, patchFields, saysAnything } from "./change-fields.ts";

const modifyContract = {
	method: "PATCH",
	path: "/api/memory/:id",
	summary: "Change a memory",
	body: () =>
		z.object({ ...changeFields(), ...patchFields() }, NO_OBJECT).check(z.refine(saysAnything, NOTHING_TO_CHANGE)),
	answers: changeAnswers("It is changed, or was so already"),
} satisfies RouteContract;

/** What may also stand in the address, where clients cannot send a body. */
const changeQuery = () =>
	z.object({
		reason: optionalText("reason"),
		if_version: optionalPositiveInteger("if_version"),
	});

const forgetContract = {
	method: "DELETE",
	path: "/api/memory/:id",
	summary: "Forget a memory; it can be brought back for 30 days",
	query: () => z.extend(changeQuery(), { force: z.catch(optionalFlag("force"), undefined) }),
	body: () => z.object({ ...changeFields(), force: strictFlag("force") }, NO_OBJECT),
	isBodyOptional: true,
	answers: changeAnswers("It is forgotten"),
} satisfies RouteContract;

const recoverContract = {
	method: "POST",
	path: "/api/memory/:id/recover",
	summary: "Bring a forgotten memory back",
	query: changeQuery,
	body: () => z.object(changeFields(), NO_OBJECT),
	isBodyOptional: true,
	answers: changeAnswers("It is back"),
} satisfies RouteContract;

const restoreContract = {
	method: "POST",
	path: "/api/memory/:id/restore",
	summary: "Make a memory again what it was at a version",
	body: () =>
		z.object(
			{
				...changeFields(),
				version: z.pipe(
					optionalPositiveInteger("version"),
					z.transform((value, context) => {
						if (value !== undefined) return value;
						context.issues.push({ code: "custom", message: "version is required", input: value });
						return z.NEVER;
					}),
				),
			},
			NO_OBJECT,
		),
	answers: changeAnswers("It is so again, as a new version"),
} satisfies RouteContract;

const eraseContract = {
	method: "POST",
	path: "/api/memory/:id/erase",
	summary: "Remove a memory for good, with its history, its vectors, and from the copies of the database",
	query: () => z.extend(changeQuery(), { prove: optionalFlag("prove"), force: optionalFlag("force") }),
	body: () => z.object({ ...changeFields(), prove: strictFlag("prove"), force: strictFlag("force") }, NO_OBJECT),
	isBodyOptional: true,
	answers: changeAnswers("Nothing of it is left; with prove, what was looked for in the workspace, and found"),
} satisfies RouteContract;

/** Changing, forgetting, bringing back and erasing one memory. */
export function addChangeRoutes(
	routes: Routes,
	memory: MemoryContext,
	/** Looks for texts in every byte of the workspace. */
	searchWorkspace: (texts: readonly string[]) => Promise<unknown>,
): void {
	routes.add(modifyContract, async ({ body, context, param }) => {
		const { reason, if_version, changed_by, ...patch } = body;
		const request = { id: idOf(param), reason, ifVersion: if_version ?? versionAsked(context), patch };
		return answerChange(context, await modify(memory, request, await actorOf(context, memory.guard, changed_by)));
	});
	routes.add(forgetContract, async ({ body, context, param, spend }) => {
		const { reason, if_version, changed_by, force = false } = body;
		if (force) spend("forceDelete");
		const request = { id: idOf(param), reason, force, ifVersion: if_version ?? versionAsked(context) };
		return answerChange(context, await forget(memory, request, await actorOf(context, memory.guard, changed_by)));
	});
	routes.add(recoverContract, async ({ body, context, param }) => {
		const { reason, if_version, changed_by } = body;
		const request = { id: idOf(param), reason, ifVersion: if_version ?? versionAsked(context) };
		return answerChange(context, await recover(memory, request, await actorOf(context, memory.guard, changed_by)));
	});
	routes.add(restoreContract, async ({ body, context, param }) => {
		const { reason, if_version, changed_by, version } = body;
		const request = { id: idOf(param), reason, version, ifVersion: if_version ?? versionAsked(context) };
		return answerChange(context, await restore(memory, request, await actorOf(context, memory.guard, changed_by)));
	});
	routes.add(eraseContract, async ({ body, context, param }) => {
		const { reason, if_version, changed_by, prove, force } = body;
		const request = { id: idOf(param), reason, force, ifVersion: if_version ?? versionAsked(context) };
		const search = prove ? searchWorkspace : undefined;
		return answerChange(
			context,
			await erase(memory, request, await actorOf(context, memory.guard, changed_by), { search }),
		);
	});
}

export function idOf(param: (name: string) => string): string {
	const id = param("id").trim();
	if (id === "") throw invalidRequest("memory id is required");
	return id;
}

/** The version in `If-Match` (RFC 9110, section 13.1.1), for clients that keep the `ETag` of what they have read. */
function versionAsked(context: Context): number | undefined {
	const header = context.req.header("if-match");
	if (header === undefined || header.trim() === "*") return undefined;
	const version = /^(?:W\/)?"?(\d+)"?$/.exec(header.trim())?.[1];
	if (version === undefined) throw invalidRequest("If-Match must be the ETag of the memory, which is its version");
	return Number(version);
}
