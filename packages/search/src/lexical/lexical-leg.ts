import { isScoped, type MemoryFilter, type MemoryScope } from "@signet/core";
import {
	countDocumentsSince,
	documentsAllowed,
	documentsWith,
	isRestrictive,
	type LookedFor,
	lastDocument,
	occursMoreOftenThan,
	type Reader,
} from "@signet/db";
import { MAX_DOCUMENTS, NO_FILTER, type Postings } from "./postings.ts";
import type { AskedWord, Question } from "./question.ts";
import type { WordCounts } from "./word-counts.ts";
import { type QuestionWord, raritiesOf } from "./word-scorer.ts";

/** Of the words that more documents have, the rarest, which are also looked for two by two. */
const MAX_COMMON_WORDS = 3;
/** Looking through more documents than this takes longer than it is worth. */
const MAX_COMMON_DOCUMENTS = 20_000;
/** A word that a greater share of many documents has is not looked for where there are others. */
const FREQUENT_SHARE = 1 / 3;
const MANY_DOCUMENTS = 3_000;
const ENOUGH_WORDS = 2;

/**
 * Where a filter is about few of many, so many of the newest documents that have a word are looked through for those that it
 * lets through, for each that it may let through at all; where these are not enough, all that have the word are held
 * against all that it lets through, which takes longer the more these are.
 */
const LOOKED_THROUGH_PER_SEEN = 1 / 2;
const LEAST_LOOKED_THROUGH = 500;
const NO_LIMIT = -1;
/** Where more may be seen, of those since a certain one only so many are counted as are in a sample. */
const MAX_COUNTED = 10_000;
const SAMPLE = 1_000;
/** Steps of this share of a range come to rest nowhere twice, and keep no step with what stands in it at regular intervals. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Documents that each get the same value. */
export interface ValuedDocuments {
	readonly docs: readonly number[];
	/** Above 0. */
	readonly value: number;
}

export interface WordMatches {
	/** The question's words, the rarest first. */
	readonly words: readonly QuestionWord[];
	/** For each word the documents that have it, as far as they were looked at, with what it can give. */
	readonly lists: readonly ValuedDocuments[];
}

export const NO_MATCHES: WordMatches = { words: [], lists: [] };

export interface WordSearch {
	readonly filter: MemoryFilter;
	/** How many documents are wanted. */
	readonly limit: number;
	/** How many whoever asks may see. */
	readonly documentCount: number;
	/** How many of them are of the project that the filter names, if it names one. */
	readonly projectCount: number;
	readonly counts: WordCounts;
	readonly postings: Postings;
}

/** Find documents by the words of a question. */
export async function matchWords(reader: Reader, question: Question, search: WordSearch): Promise<WordMatches> {
	const found = await findWords(reader, question.words, search);
	found.sort((a, b) => a.documents - b.documents);
	const rarities = raritiesOf(found, search.documentCount);
	const rare = found.reduce((sum, { docs, isWhole }) => sum + (isWhole ? docs.length : 0), 0);
	const searched = rare < search.limit ? await completed(reader, found, search.filter) : found;
	const lists = searched.map(({ docs }, at): ValuedDocuments => ({ docs, value: rarities[at] ?? 0 }));
	const most = rarities.reduce((sum, value) => sum + value, 0);
	for (const { parts } of question.phrases) {
		const together = await documentsWith(reader, parts.trim().split(" "), {
			filter: search.filter,
			limit: MAX_DOCUMENTS,
		});
		lists.push({ docs: together, value: most });
	}
	return {
		words: found.map(({ docs: _docs, isWhole: _isWhole, ...word }) => word),
		lists: lists.filter(({ docs, value }) => docs.length > 0 && value > 0),
	};
}

interface FoundWord extends QuestionWord {
	readonly docs: readonly number[];
	/** Whether `docs` are all that have it. */
	readonly isWhole: boolean;
}

async function findWords(reader: Reader, words: readonly AskedWord[], search: WordSearch): Promise<FoundWord[]> {
	const { documentCount, counts, filter } = search;
	// What most memories say may be rare among those that somebody may see or asks for.
	const isFrequent = ({ word }: AskedWord) =>
		!isOfPart(filter) && documentCount >= MANY_DOCUMENTS && (counts.known(word) ?? 0) > documentCount * FREQUENT_SHARE;
	const others = words.filter((word) => !isFrequent(word));
	const docsOf = isRestrictive(filter) ? documentsAmong(reader, search) : documentsOf(reader, search);
	const found: FoundWord[] = [];
	for (const word of words) {
		const documents = counts.known(word.word);
		if (documents !== undefined && others.length >= ENOUGH_WORDS && isFrequent(word)) {
			found.push({ ...word, documents, docs: [], isWhole: false });
		} else found.push(await counted(reader, word, await docsOf(lookedForBy(word)), search));
	}
	return found;
}

/** Whether a filter is about a part that is found by an index: else it is no sooner said what belongs to it than looked through. */
function isOfPart({ scope, project }: MemoryFilter): boolean {
	return isScoped(scope) || project !== undefined;
}

/** A word with the documents that have it, and how many there are. */
async function counted(
	reader: Reader,
	asked: AskedWord,
	docs: readonly number[],
	search: WordSearch,
): Promise<FoundWord> {
	const { filter, documentCount, counts } = search;
	const isWhole = docs.length < MAX_DOCUMENTS;
	// Whoever may not see all memories must not learn from a number what the others say.
	if (isScoped(filter.scope)) {
		const documents = isWhole ? docs.length : await aboutHowMany(reader, docs, search);
		return { ...asked, documents, docs, isWhole };
	}
	const isCounted = isWhole && !isRestrictive(filter);
	// What was counted before may lack what came since, or what only begins so.
	const documents = isCounted ? docs.length : Math.max(docs.length, await counts.of(reader, asked.word, documentCount));
	return { ...asked, documents, docs, isWhole };
}

/** The newest documents that have a word, when all count. */
function documentsOf(reader: Reader, { postings }: WordSearch): (word: LookedFor) => Promise<readonly number[]> {
	return (word) =>
		typeof word === "string"
			? postings.of(reader, word)
			: documentsWith(reader, [word], { filter: NO_FILTER, limit: MAX_DOCUMENTS });
}

/** The newest documents that have a word, of those that the filter lets through. */
function documentsAmong(
	reader: Reader,
	{ filter, documentCount, projectCount }: WordSearch,
): (word: LookedFor) => Promise<readonly number[]> {
	const limit = MAX_DOCUMENTS;
	if (!isOfPart(filter)) return (word) => documentsWith(reader, [word], { filter, limit });
	const seen = Math.min(documentCount, projectCount);
	const lookedThrough = Math.max(LEAST_LOOKED_THROUGH, Math.ceil(seen * LOOKED_THROUGH_PER_SEEN));
	let allowed: ReadonlySet<number> | undefined;
	return async (word) => {
		if (!allowed) {
			const newest = await documentsWith(reader, [word], { filter, limit, lookedThrough });
			if (newest.length === limit || !(await occursMoreOftenThan(reader, word, lookedThrough))) return newest;
			allowed = await documentsAllowed(reader, filter);
		}
		const all = await documentsWith(reader, [word], { filter: NO_FILTER, limit: NO_LIMIT });
		const docs: number[] = [];
		for (const doc of all) if (allowed.has(doc) && docs.push(doc) === limit) break;
		return docs;
	};
}

/**
 * Of a word that more documents have than are looked at: as many of those that may be seen as there would be, were it as
 * frequent among older ones.
 */
async function aboutHowMany(
	reader: Reader,
	docs: readonly number[],
	{ filter: { scope }, documentCount }: WordSearch,
): Promise<number> {
	const oldest = docs.at(-1) ?? 0;
	const since =
		documentCount <= MAX_COUNTED
			? await countDocumentsSince(reader, scope, oldest)
			: await aboutHowManySince(reader, oldest, scope);
	return Math.round((docs.length * documentCount) / Math.max(docs.length, since));
}

/** About how many documents of a scope there are from one on, told by some of all. */
async function aboutHowManySince(reader: Reader, oldest: number, scope: MemoryScope): Promise<number> {
	const range = (await lastDocument(reader)) - oldest + 1;
	const sample = new Set(Array.from({ length: SAMPLE }, (_, at) => oldest + Math.floor(((at * GOLDEN) % 1) * range)));
	return ((await documentsAllowed(reader, { scope }, [...sample])).size * range) / sample.size;
}

function lookedForBy({ word, beginning }: AskedWord): LookedFor {
	return beginning ? { word, ...beginning } : word;
}

/**
 * An old document with several common words may be among the newest of none of them: those are looked for together.
 * Where there are rare words, what has them is more promising.
 */
async function completed(
	reader: Reader,
	words: readonly FoundWord[],
	filter: MemoryFilter,
): Promise<readonly FoundWord[]> {
	const common = words
		.filter(({ isWhole, docs, documents }) => !isWhole && docs.length > 0 && documents <= MAX_COMMON_DOCUMENTS)
		.slice(0, MAX_COMMON_WORDS);
	if (common.length < 2) return words;
	const docs = new Map(common.map((word) => [word.word, new Set(word.docs)]));
	for (const [at, { word: first }] of common.entries()) {
		for (const { word: second } of common.slice(at + 1)) {
			for (const doc of await documentsWith(reader, [first, second], { filter, limit: MAX_DOCUMENTS })) {
				docs.get(first)?.add(doc);
				docs.get(second)?.add(doc);
			}
		}
	}
	return words.map((word) => ({ ...word, docs: [...(docs.get(word.word) ?? word.docs)] }));
}
