import { isScoped, type MemoryFilter } from "@signet/core";
import { documentsWith, isRestrictive, lastDocument, occursMoreOftenThan, type Reader } from "@signet/db";
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

/** For whoever may not see all, so many documents that have a word are looked through for those that they may see. */
const MAX_LOOKED_THROUGH = 20_000;

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
	// What most memories of others say may be rare among those that somebody may see.
	const isFrequent = ({ word }: AskedWord) =>
		!isScoped(filter.scope) &&
		documentCount >= MANY_DOCUMENTS &&
		(counts.known(word) ?? 0) > documentCount * FREQUENT_SHARE;
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
	// Whoever may not see all memories must not learn from a number what the others say.
	if (isScoped(filter.scope)) return findAmongSeen(reader, asked, search);
	const docs = await docsOf(reader, asked, search);
	const isWhole = docs.length < MAX_DOCUMENTS;
	const isCounted = isWhole && !isRestrictive(filter);
	// What was counted before may lack what came since, or what only begins so.
	const documents = isCounted ? docs.length : Math.max(docs.length, await counts.of(reader, asked.word, documentCount));
	return { ...asked, documents, docs, isWhole };
}

async function findAmongSeen(reader: Reader, asked: AskedWord, { filter }: WordSearch): Promise<FoundWord> {
	const lookedFor = asked.beginning ? { word: asked.word, ...asked.beginning } : asked.word;
	const among = { filter, limit: MAX_DOCUMENTS, lookedThrough: MAX_LOOKED_THROUGH };
	const docs = await documentsWith(reader, [lookedFor], among);
	const isWhole = docs.length < MAX_DOCUMENTS && !(await occursMoreOftenThan(reader, lookedFor, MAX_LOOKED_THROUGH));
	const oldest = docs.at(-1);
	if (isWhole || oldest === undefined) return { ...asked, documents: docs.length, docs, isWhole };
	// As many as there would be, were it as frequent among older ones.
	const last = await lastDocument(reader);
	const documents = Math.round((docs.length * last) / Math.max(1, last - oldest + 1));
	return { ...asked, documents, docs, isWhole };
}

function docsOf(
	reader: Reader,
	{ word, beginning }: AskedWord,
	{ filter, postings }: WordSearch,
): Promise<readonly number[]> {
	if (beginning !== undefined) return documentsWith(reader, [{ word, ...beginning }], { filter, limit: MAX_DOCUMENTS });
	if (isRestrictive(filter)) return documentsWith(reader, [word], { filter, limit: MAX_DOCUMENTS });
	return postings.of(reader, word);
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
