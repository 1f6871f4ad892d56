import type { Changed, Refusal } from "@signet/memory";
import type { Context } from "hono";
import * as z from "zod/mini";
import { errorReference } from "../http/openapi.ts";

/** What a refusal is answered with: the status, and a sentence for people. */
const REFUSALS = {
	not_found: [404, "Not found"],
	deleted: [409, "Cannot modify deleted memory"],
	already_deleted: [409, "Memory is already forgotten"],
	not_deleted: [409, "Memory is not deleted"],
	version_conflict: [409, "Version conflict"],
	duplicate_content_hash: [409, "Duplicate content hash"],
	forgotten_content: [409, "This text was forgotten; it does not come back by an edit"],
	pinned_requires_force: [409, "Pinned memories require force=true"],
	autonomous_force_denied: [403, "Autonomous agents cannot force-delete pinned memories"],
	retention_expired: [409, "Recover window expired (30 days)"],
} as const satisfies Record<Refusal["status"], readonly [number, string]>;

/** The result of a change of one memory. */
export type ChangeResult =
	| Changed<string>
	| Refusal
	| { readonly id: string; readonly status: "no_changes" | "erased" };

/** By what it has and not by its name: `deleted` is what one asks for and the other refuses. */
function isRefusal(result: ChangeResult): result is Refusal {
	return !("newVersion" in result) && result.status !== "no_changes" && result.status !== "erased";
}

/** A result with the words that go with it. */
export function described(result: ChangeResult): object {
	if (!isRefusal(result)) return { ...result, success: true, memoryId: result.id };
	const [, error] = REFUSALS[result.status];
	return { ...result, success: false, memoryId: result.id, error, code: result.status };
}

/** Answer the result of a change of one memory. */
export function answerChange(context: Context, result: ChangeResult): Response {
	return context.json(described(result), isRefusal(result) ? REFUSALS[result.status][0] : 200);
}

/** Shape of what a change is answered with. */
export const changeSchema = () =>
	z.object({
		id: z.string(),
		memoryId: z.string(),
		status: z.string(),
		success: z.boolean(),
		currentVersion: z.optional(z.number()),
		newVersion: z.optional(z.number()),
		contentChanged: z.optional(z.boolean()),
		embedded: z.optional(z.literal(true)),
		retentionDays: z.optional(z.number()),
		unknown: z.optional(z.array(z.string())),
		backups: z.optional(z.array(z.string())),
		pending: z.optional(z.string()),
		proof: z.optional(z.unknown()),
		duplicateMemoryId: z.optional(z.string()),
		error: z.optional(z.string()),
		code: z.optional(z.string()),
	});

/** Answers of every route that changes one memory. */
export const changeAnswers = (description: string) => () => ({
	200: { description, schema: changeSchema() },
	400: { description: "The request is not valid; the first thing that is wrong is named", schema: errorReference },
	403: { description: "An autonomous program must not do that to a pinned memory", schema: changeSchema() },
	404: { description: "There is no memory of that id", schema: changeSchema() },
	409: { description: "The memory, as it is, does not allow it", schema: changeSchema() },
	503: { description: "Memory is frozen, or the disk takes nothing", schema: errorReference },
});
