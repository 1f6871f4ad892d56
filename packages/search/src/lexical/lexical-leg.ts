import { isScoped, type MemoryFilter } from "@signet/core";
import {
	documentsAllowedWith,
	documentsWith,
	isRestrictive,
	type LookedFor,
	lastDocument,
	occursMoreOftenThan,
	type Reader,
} from "@signet/db";
import { MAX_DOCUMENTS, type Postings } from "./postings.ts";
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
 * For whoever may not see all, so many documents that have a word are looked through for those that they may see; where
 * those are not enough, what they may see is read for it instead. What somebody sees few of is soon read.
 */
const MAX_LOOKED_THROUGH = 4_000;
const LOOKED_THROUGH_PER_SEEN = 1 / 5;

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
	const isFrequent = ({ word }: AskedWord) =>
		documentCount >= MANY_DOCUMENTS && (counts.known(word) ?? 0) > documentCount * FREQUENT_SHARE;
	// Whoever may not see all memories must not learn from a number what the others say.
	if (isScoped(filter.scope)) return findAmongSeen(reader, words, search);
	const others = words.filter((word) => !isFrequent(word));
	const found: FoundWord[] = [];
	for (const word of words) {
		const documents = counts.known(word.word);
		if (documents !== undefined && others.length >= ENOUGH_WORDS && isFrequent(word)) {
			found.push({ ...word, documents, docs: [], isWhole: false });
		} else found.push(await findWord(reader, word, search));
	}
	return found;
}

async function findWord(reader: Reader, asked: AskedWord, search: WordSearch): Promise<FoundWord> {
	const { filter, documentCount, counts } = search;
	const docs = await docsOf(reader, asked, search);
	const isWhole = docs.length < MAX_DOCUMENTS;
	const isCounted = isWhole && !isRestrictive(filter);
	// What was counted before may lack what came since, or what only begins so.
	const documents = isCounted ? docs.length : Math.max(docs.length, await counts.of(reader, asked.word, documentCount));
	return { ...asked, documents, docs, isWhole };
}

/** For whoever may not see all. What most memories of others say may be rare among those that they may see. */
async function findAmongSeen(
	reader: Reader,
	words: readonly AskedWord[],
	{ filter, documentCount }: WordSearch,
): Promise<FoundWord[]> {
	const lookedThrough = Math.min(MAX_LOOKED_THROUGH, Math.ceil(documentCount * LOOKED_THROUGH_PER_SEEN));
	const found = new Map<AskedWord, FoundWord>();
	for (const asked of words) {
		const docs = await documentsWith(reader, [lookedForBy(asked)], { filter, limit: MAX_DOCUMENTS, lookedThrough });
		if (docs.length === MAX_DOCUMENTS) found.set(asked, { ...asked, ...(await mostOf(reader, docs)) });
		else if (!(await occursMoreOftenThan(reader, lookedForBy(asked), lookedThrough))) {
			found.set(asked, { ...asked, docs, documents: docs.length, isWhole: true });
		}
	}
	const others = words.filter((asked) => !found.has(asked));
	const lists = others.length > 0 ? await documentsAllowedWith(reader, filter, others.map(lookedForBy)) : [];
	for (const [at, asked] of others.entries()) {
		const docs = lists[at] ?? [];
		const isWhole = docs.length < MAX_DOCUMENTS;
		found.set(asked, { ...asked, docs: docs.slice(0, MAX_DOCUMENTS), documents: docs.length, isWhole });
	}
	return words.flatMap((asked) => found.get(asked) ?? []);
}

/** Of a word that more documents have than are looked at: about how many, were it as frequent among older ones. */
async function mostOf(reader: Reader, docs: readonly number[]): Promise<Omit<FoundWord, keyof AskedWord>> {
	const last = await lastDocument(reader);
	const documents = Math.round((docs.length * last) / Math.max(1, last - (docs.at(-1) ?? 0) + 1));
	return { docs, documents, isWhole: false };
}

function lookedForBy({ word, beginning }: AskedWord): LookedFor {
	return beginning ? { word, ...beginning } : word;
}

function docsOf(reader: Reader, asked: AskedWord, { filter, postings }: WordSearch): Promise<readonly number[]> {
	if (asked.beginning === undefined && !isRestrictive(filter)) return postings.of(reader, asked.word);
	return documentsWith(reader, [lookedForBy(asked)], { filter, limit: MAX_DOCUMENTS });
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
