import type { MemoryFilter, MemoryScope } from "@signet/core";
import { type MemoryRow, readMemories } from "@signet/db";
import type { RecallContext } from "./context.ts";
import { recallSignet } from "./recall-signet.ts";

export interface HookRecallRequest {
	/** Not blank. */
	readonly query: string;
	readonly project: string | undefined;
	readonly scope: MemoryScope;
	/** 1 or more. */
	readonly limit: number;
}

/** A prompt is no query: what it quotes need not stand in what helps with it. */
const SYNTAX = /["“”„*]/g;

/**
 * What a harness asks for while its agent works: by words alone, because it must not wait, and by our ranking whatever the
 * profile, since the reference has none there. Whole rows, the best first.
 */
export async function recallForHook(context: RecallContext, request: HookRecallRequest): Promise<MemoryRow[]> {
	const { query, project, scope, limit } = request;
	const filter: MemoryFilter = project === undefined ? { scope } : { scope, project };
	const { results } = await recallSignet(context, { query: query.replace(SYNTAX, " "), limit, filter, legs: "words" });
	const ids = results.map(({ id }) => id);
	const rows = await context.database.read((reader) => readMemories(reader, ids, filter));
	const byId = new Map(rows.map((row) => [row.id, row]));
	return ids.flatMap((id) => byId.get(id) ?? []);
}
