import { formatTags } from "@signet/core";
import type { Actor } from "./actor.ts";
import type { MemoryContext } from "./context.ts";
import { draftMemory, draftText } from "./draft.ts";
import { rememberDraft, rememberFound } from "./remember.ts";

/** What a harness was told to remember. */
export interface HookMemory {
	readonly harness: string;
	readonly content: string;
	readonly who?: string | undefined;
	readonly project?: string | undefined;
	readonly sessionId?: string | undefined;
	readonly idempotencyKey?: string | undefined;
	readonly runtimePath?: string | undefined;
}

/** Remember what somebody told a harness to; resolves to the memory's id. Throws as `remember`. */
export async function rememberFromHook(
	context: MemoryContext,
	{ harness, who, ...memory }: HookMemory,
	actor: Actor,
): Promise<string> {
	const request = { ...memory, who: who ?? harness, sourceType: "explicit" };
	const draft = draftMemory(request, await context.guard.ready());
	return (await rememberDraft(context, draft, actor)).id;
}

/** What a harness has made of a session when its window was full. */
export interface CompactionSummary {
	readonly harness: string;
	readonly summary: string;
	readonly sessionId?: string | undefined;
	readonly project?: string | undefined;
	readonly runtimePath?: string | undefined;
}

const SUMMARY_AUTHOR = "system";

/** Keep the summary of a session; resolves to the memory's id, or to undefined when that text was forgotten before. */
export async function rememberCompaction(
	context: MemoryContext,
	{ harness, summary, ...rest }: CompactionSummary,
	actor: Actor,
): Promise<string | undefined> {
	const request = {
		...rest,
		content: summary,
		type: "session_summary",
		who: SUMMARY_AUTHOR,
		why: null,
		sourceType: harness,
		// A list as JSON, as the reference's programs write and expect it here.
		tags: JSON.stringify(["session", "summary", formatTags([harness]) ?? harness]),
	};
	const draft = draftText(request, await context.guard.ready());
	return (await rememberFound(context, draft, actor))?.id;
}
