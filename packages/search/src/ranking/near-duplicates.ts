import type { RankedDocument } from "./signet.ts";

/** From which share of common words on two texts say the same. */
const LEAST_ALIKE = 0.95;
/** Of so many results, each is compared with those before it. */
const MAX_COMPARED = 30;
/** Words that make another statement of the same words. */
const TELLING = /^(?:\d|(?:not?|never|without)$)|n't$/;

/** Documents without those that say nearly the same as one before them, numbers and negations included. */
export function withoutNearDuplicates(ranked: readonly RankedDocument[]): RankedDocument[] {
	const kept: RankedDocument[] = [];
	const texts = new Map<RankedDocument, ReadonlySet<string>>();
	const textOf = (document: RankedDocument): ReadonlySet<string> => {
		const text = texts.get(document) ?? wordsOfText(document);
		texts.set(document, text);
		return text;
	};
	for (const document of ranked.slice(0, MAX_COMPARED)) {
		const isKnown = kept.some(
			(other) =>
				mayBeAlike(document, other) && !surelyDiffer(document, other) && areAlike(textOf(document), textOf(other)),
		);
		if (!isKnown) kept.push(document);
	}
	return [...kept, ...ranked.slice(MAX_COMPARED)];
}

/** Two texts alike are about as long and have as much of the question: most are told apart by that. */
function mayBeAlike(one: RankedDocument, other: RankedDocument): boolean {
	return areClose(one.wordCount, other.wordCount) && areClose(one.lexical ?? 0, other.lexical ?? 0);
}

function areClose(one: number, other: number): boolean {
	return Math.min(one, other) >= LEAST_ALIKE * Math.max(one, other);
}

/** Whether more words of the one are missing from the other than may be. Most texts show it by their first words. */
function surelyDiffer(one: RankedDocument, other: RankedDocument): boolean {
	const { words, wordCount } = one;
	const allowed = (1 - LEAST_ALIKE) * Math.max(wordCount, other.wordCount);
	const missing = new Set<string>();
	let start = 0;
	for (let at = 0; at < wordCount; at++) {
		const end = words.indexOf(" ", start + 1);
		if (end < 0) return false;
		// With the blanks before and behind it.
		const word = words.slice(start, end + 1);
		if (!other.words.includes(word) && missing.add(word).size > allowed) return true;
		start = end;
	}
	return false;
}

/** The words of its text, which stand before what else it is found by. */
function wordsOfText({ words, wordCount }: RankedDocument): ReadonlySet<string> {
	return new Set(words.trim().split(" ").slice(0, wordCount));
}

function areAlike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
	const [few, many] = one.size < other.size ? [one, other] : [other, one];
	if (few.size === 0 || few.size < LEAST_ALIKE * many.size) return false;
	let both = 0;
	for (const word of many) {
		if (few.has(word)) both++;
		else if (TELLING.test(word)) return false;
	}
	for (const word of few) if (TELLING.test(word) && !many.has(word)) return false;
	return both >= LEAST_ALIKE * many.size;
}
