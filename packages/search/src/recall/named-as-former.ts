import type { MemoryFilter } from "@signet/core";
import {
	documentsWith,
	isRestrictive,
	type Reader,
	readShownMemories,
	type SearchedDocument,
	type ShownMemory,
} from "@signet/db";
import { Mark, spokenText } from "../conversation/marks.ts";
import { MAX_DOCUMENTS } from "../lexical/postings.ts";
import type { WordScorer } from "../lexical/word-scorer.ts";
import { claimsOf } from "../ranking/claims.ts";
import { MAX_LOOKED_AT } from "../ranking/freshness.ts";
import type { RankedDocument } from "../ranking/signet.ts";
import type { Corpus } from "./corpus.ts";

/**
 * `We switched from npm to pnpm` has no word of `Which package manager do we use?`: it is found by the value that it names, which
 * the memory that was found first still claims.
 */

/** The first that are looked after, and how often on: what was switched to may have been switched from since. */
const MAX_LOOKED_AFTER = 2;
const MAX_CHANGES = 3;
/** The newest that name a value and tell of a change, of which those are read that name it as what was. */
const MAX_NAMING = 5;
/** Where a filter holds, so many of the newest that name a value are looked through for those that it lets through. */
const MAX_LOOKED_THROUGH = 5_000;

export interface Found {
	readonly rows: ReadonlyMap<string, ShownMemory>;
	readonly filter: MemoryFilter;
	readonly scorer: WordScorer;
	readonly corpus: Pick<Corpus, "conversations" | "recentDocuments" | "postings">;
}

/** Memories beyond those found that say of a value, which one of the first claims, that it holds no more; and their rows. */
export async function namedAsFormer(
	reader: Reader,
	ranked: readonly RankedDocument[],
	{ rows, filter, scorer, corpus: { conversations, recentDocuments, postings } }: Found,
): Promise<{ further: RankedDocument[]; rows: ReadonlyMap<string, ShownMemory> }> {
	const known = new Map(rows);
	const seen = new Set(ranked.slice(0, MAX_LOOKED_AT).map(({ doc }) => doc));
	const further: RankedDocument[] = [];
	let values = ranked.slice(0, MAX_LOOKED_AFTER).flatMap(({ memoryId }) => valuesOf(known.get(memoryId)));
	for (let changes = 0; values.length > 0 && changes < MAX_CHANGES; changes++) {
		const found: SearchedDocument[] = [];
		for (const value of values) {
			const all = isRestrictive(filter)
				? await documentsWith(reader, value, { filter, limit: MAX_DOCUMENTS, lookedThrough: MAX_LOOKED_THROUGH })
				: await inAll(value, (word) => postings.of(reader, word));
			const telling = all.filter((doc) => !seen.has(doc) && tellsOfChange(conversations.marks(doc)));
			const read = await recentDocuments.read(reader, telling.slice(0, MAX_NAMING));
			const former = namedAsWhatWas(value);
			found.push(...read.filter(({ words, start }) => start === null && former.test(words)));
		}
		if (found.length === 0) break;
		const ids = found.map(({ memoryId }) => memoryId);
		const read = await readShownMemories(reader, ids, filter);
		for (const row of read) known.set(row.id, row);
		// They have no evidence of their own: either they take the place of what they change, or they are not told.
		const unfound = { span: undefined, context: 0, similarity: undefined, weight: 1, session: 1, evidence: 0 };
		for (const document of found) {
			if (seen.has(document.doc) || !known.has(document.memoryId)) continue;
			seen.add(document.doc);
			further.push({ ...document, ...unfound, lexical: scorer.score(document) || undefined });
		}
		values = read.flatMap(valuesOf);
	}
	return { further, rows: known };
}

/** The documents that have all of some words, the newest first, as far as they were looked at. */
async function inAll(
	words: readonly string[],
	docsWith: (word: string) => Promise<readonly number[]>,
): Promise<readonly number[]> {
	const lists: (readonly number[])[] = [];
	for (const word of words) lists.push(await docsWith(word));
	const [shortest = [], ...others] = lists.sort((a, b) => a.length - b.length);
	const sets = others.map((docs) => new Set(docs));
	return shortest.filter((doc) => sets.every((docs) => docs.has(doc)));
}

/** Finds a value among the words of a document where something stands for it since; words as they are indexed. */
function namedAsWhatWas(value: readonly string[]): RegExp {
	const named = value.map(RegExp.escape).join(" ");
	return new RegExp(
		` (?:from|replac|of|longer|longer us|stop|stop us|don't us|doesn't us|not us) (?:the |our |my )?${named} | ${named} (?:wa|were|been|got) replac `,
	);
}

function tellsOfChange(marks: number): boolean {
	return (marks & Mark.CHANGE) !== 0 && (marks & Mark.ASSISTANT) === 0;
}

/** The words of each value that a memory claims. */
function valuesOf(row: ShownMemory | undefined): string[][] {
	if (!row) return [];
	const claims = claimsOf(spokenText(row.content));
	return claims.map(({ value }) => [...value]).filter((words) => words.length > 0);
}
