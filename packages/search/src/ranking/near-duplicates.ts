import type { Conversations } from "../conversation/conversations.ts";
import { isStopWord } from "../lexical/stop-words.ts";
import type { RankedDocument } from "./signet.ts";

/** From which share of common words on two texts say the same. */
const LEAST_ALIKE = 0.95;
/** Of so many results, each is compared with those before it. */
const MAX_COMPARED = 30;
/** Words that make another statement of the same words. */
const TELLING = /^(?:\d|(?:not?|never|without)$)|n't$/;

/**
 * Documents without those that say nearly the same as one before them: one may have a word more, but not another one in
 * its place, nor another number or negation, nor another speaker.
 */
export function withoutNearDuplicates(
	ranked: readonly RankedDocument[],
	conversations: Pick<Conversations, "speaker">,
): RankedDocument[] {
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
				mayBeAlike(document, other) &&
				conversations.speaker(document.doc) === conversations.speaker(other.doc) &&
				!surelyDiffer(document, other) &&
				areAlike(textOf(document), textOf(other)),
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
	if (Math.min(one.size, other.size) === 0) return false;
	const onlyInOne = [...one].filter((word) => !other.has(word));
	const onlyInOther = [...other].filter((word) => !one.has(word));
	if ([...onlyInOne, ...onlyInOther].some((word) => TELLING.test(word))) return false;
	if (onlyInOne.some(isAboutSomething) && onlyInOther.some(isAboutSomething)) return false;
	const both = one.size - onlyInOne.length;
	return both >= LEAST_ALIKE * Math.max(one.size, other.size);
}

function isAboutSomething(word: string): boolean {
	return !isStopWord(word);
}
