import type { MemoryFilter } from "@signet/core";
import { documentsWith, type Reader, readShownMemories, type ShownMemory } from "@signet/db";
import { Mark, spokenText } from "../conversation/marks.ts";
import type { WordScorer } from "../lexical/word-scorer.ts";
import { claimsOf } from "../ranking/claims.ts";
import { MAX_LOOKED_AT } from "../ranking/freshness.ts";
import type { RankedDocument } from "../ranking/signet.ts";
import type { RecallContext } from "./context.ts";

/**
 * `We switched from npm to pnpm` has no word of `Which package manager do we use?`: it is found by the value that it names, which
 * the memory that was found first still claims.
 */

/** The first that are looked after, and how often on: what was switched to may have been switched from since. */
const MAX_LOOKED_AFTER = 2;
const MAX_CHANGES = 3;
/** The newest that name a value, and those of them that are read. */
const MAX_NAMING = 50;
const MAX_READ = 5;

export interface Found {
	readonly rows: ReadonlyMap<string, ShownMemory>;
	readonly filter: MemoryFilter;
	readonly scorer: WordScorer;
	readonly context: Pick<RecallContext, "conversations" | "recentDocuments">;
}

/** Memories beyond those found that say of a value, which one of the first claims, that it holds no more; and their rows. */
export async function namedAsFormer(
	reader: Reader,
	ranked: readonly RankedDocument[],
	{ rows, filter, scorer, context: { conversations, recentDocuments } }: Found,
): Promise<{ further: RankedDocument[]; rows: ReadonlyMap<string, ShownMemory> }> {
	const known = new Map(rows);
	const seen = new Set(ranked.slice(0, MAX_LOOKED_AT).map(({ doc }) => doc));
	const further: RankedDocument[] = [];
	let values = ranked.slice(0, MAX_LOOKED_AFTER).flatMap(({ memoryId }) => valuesOf(known.get(memoryId)));
	for (let changes = 0; values.length > 0 && changes < MAX_CHANGES; changes++) {
		const docs: number[] = [];
		for (const value of values) {
			const naming = await documentsWith(reader, value, { filter, limit: MAX_NAMING });
			docs.push(
				...naming.filter((doc) => !seen.has(doc) && tellsOfChange(conversations.marks(doc))).slice(0, MAX_READ),
			);
		}
		const documents = await recentDocuments.read(reader, new Set(docs));
		const ids = documents.map(({ memoryId }) => memoryId);
		const read = await readShownMemories(reader, ids, filter);
		for (const row of read) known.set(row.id, row);
		for (const doc of docs) seen.add(doc);
		// They have no evidence of their own: either they take the place of what they change, or they are not told.
		const unfound = { context: 0, similarity: undefined, weight: 1, session: 1, evidence: 0 };
		further.push(
			...documents
				.filter(({ memoryId, start }) => known.has(memoryId) && start === null)
				.map((document) => ({
					...document,
					...unfound,
					span: undefined,
					lexical: scorer.score(document) || undefined,
				})),
		);
		values = read
			.filter(({ content }) => claimsOf(spokenText(content)).some(({ isChange }) => isChange))
			.flatMap(valuesOf);
	}
	return { further, rows: known };
}

function tellsOfChange(marks: number): boolean {
	return (marks & Mark.CHANGE) !== 0 && (marks & Mark.ASSISTANT) === 0;
}

/** The words of each value that a memory claims. */
function valuesOf(row: ShownMemory | undefined): string[][] {
	return row
		? claimsOf(spokenText(row.content))
				.map(({ value }) => [...value])
				.filter((words) => words.length > 0)
		: [];
}
