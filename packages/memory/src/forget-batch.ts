import { invalidRequest, type MemoryFilter } from "@signet/core";
import { heaviestMemories, type MemoryRow, matchMemoriesFts, type Reader, readMemories } from "@signet/db";
import type { Actor } from "./actor.ts";
import { changeEach } from "./batch.ts";
import { versionOf } from "./change.ts";
import type { Confirmations } from "./confirmation.ts";
import { demandThawed, type MemoryContext, withCleanReason } from "./context.ts";
import { applyForget, type Forgotten } from "./forget.ts";

/** From more than this on, whoever wants them forgotten must have seen which. */
const UNCONFIRMED = 25;
export const MAX_FORGOTTEN = 200;
const DEFAULT_FORGOTTEN = 20;
const MAX_WORDS = 64;

export interface ForgetBatchContext extends MemoryContext {
	readonly confirmations: Confirmations;
}

/** Which memories are meant: by ids, by words, or by a filter alone. What of it is given must all hold. */
export interface ForgetSelection {
	readonly ids?: readonly string[] | undefined;
	/** Words that a memory must all have. */
	readonly query?: string | undefined;
	readonly filter: MemoryFilter;
	/** At most 200; without it 20, or as many as there are ids. */
	readonly limit?: number | undefined;
}

export interface ForgetCandidate {
	readonly id: string;
	/** How well it has the words, from 0 to 1; 0 where there are none. */
	readonly score: number;
	readonly pinned: boolean;
	readonly version: number;
}

export interface ForgetPreview {
	readonly count: number;
	readonly requiresConfirm: boolean;
	readonly confirmToken: string;
	readonly candidates: readonly ForgetCandidate[];
	/** There are more than were asked for at a time. */
	readonly hasMore?: true;
	/** Ids that no memory has. */
	readonly notFound?: readonly string[];
}

export interface ForgetExecution {
	readonly reason: string;
	readonly force: boolean;
	readonly confirmToken?: string | undefined;
	/** All or none. */
	readonly isAtomic: boolean;
}

export interface ForgottenBatch {
	readonly requested: number;
	readonly deleted: number;
	readonly results: readonly Forgotten[];
	/** There are more than were asked for at a time: they are still there. */
	readonly hasMore?: true;
	readonly notFound?: readonly string[];
}

/** Say what would be forgotten. */
export async function previewForget(context: ForgetBatchContext, selection: ForgetSelection): Promise<ForgetPreview> {
	const { candidates, hasMore, notFound } = await select(context, selection);
	return {
		count: candidates.length,
		requiresConfirm: candidates.length > UNCONFIRMED,
		confirmToken: context.confirmations.issue(shown(candidates, selection)),
		candidates,
		...(hasMore && { hasMore }),
		...(notFound.length > 0 && { notFound }),
	};
}

/** More than may be forgotten unseen, and the token of a preview of the same is missing. Nothing was forgotten. */
export interface UnconfirmedBatch {
	readonly requiresConfirm: true;
	readonly count: number;
}

/** Forget what is selected, as it is now. Throws when memory is frozen by the configuration. */
export async function forgetBatch(
	context: ForgetBatchContext,
	selection: ForgetSelection,
	execution: ForgetExecution,
	actor: Actor,
): Promise<ForgottenBatch | UnconfirmedBatch> {
	const { reason, force, confirmToken, isAtomic } = await withCleanReason(context, execution);
	const { candidates, hasMore, notFound } = await select(context, selection);
	if (candidates.length > UNCONFIRMED) {
		const isConfirmed =
			confirmToken !== undefined && context.confirmations.accepts(confirmToken, shown(candidates, selection));
		if (!isConfirmed) return { requiresConfirm: true, count: candidates.length };
	}
	demandThawed(context);
	const results = await changeEach(
		context,
		candidates,
		(writer, { id, version }) => applyForget(writer, context.world, { id, reason, force, seenVersion: version }, actor),
		{ isAtomic, isRefused: ({ status }) => status !== "deleted" },
	);
	const deleted = results.filter(({ status }) => status === "deleted").length;
	return {
		requested: candidates.length,
		deleted,
		results,
		...(hasMore && { hasMore }),
		...(notFound.length > 0 && { notFound }),
	};
}

/** What a token stands for: these memories at these versions, chosen in this way. */
function shown(candidates: readonly ForgetCandidate[], { query, filter }: ForgetSelection): unknown {
	const versions = candidates.map(({ id, version }) => `${id} ${version}`).sort();
	return { versions, query, filter: Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)) };
}

async function select(
	{ database }: MemoryContext,
	{ ids, query, filter, limit }: ForgetSelection,
): Promise<{ candidates: ForgetCandidate[]; hasMore: boolean; notFound: string[] }> {
	const distinct = ids && [...new Set(ids)];
	if (distinct && distinct.length > MAX_FORGOTTEN) {
		throw invalidRequest(`ids may name at most ${MAX_FORGOTTEN} memories at a time; there are ${distinct.length}`);
	}
	const most = Math.min(limit ?? distinct?.length ?? DEFAULT_FORGOTTEN, MAX_FORGOTTEN);
	return database.read(async (reader) => {
		const scores =
			query === undefined ? undefined : await matchAll(reader, query, filter, distinct ? undefined : most + 1);
		const rows = await selectRows(reader, { ids: distinct, scores, filter, limit: most + 1 });
		const known = new Set(rows.map(({ id }) => id));
		const candidates = rows.slice(0, most).map((row) => ({
			id: row.id,
			score: scores?.get(row.id) ?? 0,
			pinned: row.pinned === 1,
			version: versionOf(row),
		}));
		return { candidates, hasMore: rows.length > most, notFound: distinct?.filter((id) => !known.has(id)) ?? [] };
	});
}

async function selectRows(
	reader: Reader,
	{
		ids,
		scores,
		filter,
		limit,
	}: {
		ids: readonly string[] | undefined;
		scores: ReadonlyMap<string, number> | undefined;
		filter: MemoryFilter;
		limit: number;
	},
): Promise<MemoryRow[]> {
	const order = ids?.filter((id) => scores?.has(id) ?? true) ?? (scores && [...scores.keys()]);
	if (!order) return heaviestMemories(reader, filter, limit);
	const rows = new Map((await readMemories(reader, order, filter)).map((row) => [row.id, row]));
	return order.flatMap((id) => rows.get(id) ?? []);
}

/** Memories with all of the words and how well they have them, best first. */
async function matchAll(
	reader: Reader,
	query: string,
	filter: MemoryFilter,
	limit: number | undefined,
): Promise<Map<string, number>> {
	// Every word counts: to leave one out would forget more than was meant.
	const words = query.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
	if (words.length === 0) return new Map();
	if (words.length > MAX_WORDS) throw invalidRequest(`query may have at most ${MAX_WORDS} words`);
	const hits = await matchMemoriesFts(reader, { words, mode: "all", filter, limit: limit ?? -1 });
	return new Map(hits.map(({ id, score }) => [id, Math.round(1000 / (1 + score)) / 1000]));
}
