import { type Beginning, beginningsIn } from "./beginnings.ts";
import { isStopWord } from "./stop-words.ts";
import { foreignStopWords } from "./stop-words-of-languages.ts";
import { isUnspaced, tokenise } from "./tokenise.ts";
import { emptyPairs } from "./unspaced-function-words.ts";

/** More words than this make a query no clearer, only slower. */
const MAX_WORDS = 32;
/** What follows is not looked at: whole prompts and files are sent as questions. In UTF-16 code units. */
const MAX_CHARS = 8_000;
const MAX_PHRASES = 4;
/** What a quote that follows a letter or a digit begins is none: `5" or 6"`. */
const PHRASE = /(?<![\p{L}\p{N}])"([^"]+)"|[“„]([^“”„"]+)[”“]/gu;

/** What only the whole of a word with parts has. */
const MARKS = /[^\p{L}\p{N}]/u;

/** Words that say what is to be done with the answer; a memory that has them is hardly what is asked for. */
const ASKING = new Set(
	tokenise(
		"please tell give show help provide list explain describe suggest suggestion recommend recommendation summarize " +
			"summarise summary comprehensive overview mention item conversation discuss discussion chat session talk bring walk " +
			"order aspect say",
	),
);
const ASKING_WEIGHT = 0.5;

/** A word that is looked for. */
export interface AskedWord {
	readonly word: string;
	/** How much it counts, above 0 and at most 1. */
	readonly weight: number;
	/** Words that begin so count too. */
	readonly beginning?: Beginning;
}

/** Words in quotes, as runs of words as they are indexed, each with a blank before and behind it. */
export interface Phrase {
	readonly asWritten: string;
	/** Of a single word with marks inside only its parts: `config.yaml` is found in `deploy/config.yaml`, though it is no word there. */
	readonly parts: string;
}

/** What a question says about what is looked for. */
export interface Question {
	/** The words that it is about, each once: without stop words, unless there are no others. */
	readonly words: readonly AskedWord[];
	readonly phrases: readonly Phrase[];
	/** Whether a word says nothing about what a text is about, in the language of the question. */
	readonly isEmpty: (word: string) => boolean;
	/** All its words, for names. */
	readonly names: readonly string[];
	/** It asks for a time. */
	readonly asksWhen: boolean;
	/** It asks for what an assistant said: `What did you recommend?` */
	readonly asksAssistant: boolean;
	/** It asks how something is, not how it was; so does who only names it. */
	readonly asksNow: boolean;
	/** It asks which, what, who or where; so does who only names it. */
	readonly asksWhich: boolean;
	readonly asksWhere: boolean;
}

const WHEN = /^\s*(?:when|what (?:date|day|time|month|year)|how long|how many (?:days|weeks|months|years))\b/i;
const YOU_SAID =
	/\b(?:did|have|had|were|was) you (?!think)\w+|\byou(?:'ve| have| had)? (?:recommended|suggested|said|told|advised|mentioned|gave|given|proposed|explained|helped|showed|shown|wrote|listed|described)\b|\byour (?:recommendation|suggestion|advice|answer|explanation|proposal)s?\b/i;
const PAST =
	/\b(?:did|was|were|had|first|initial(?:ly)?|original(?:ly)?|before|used to|previous(?:ly)?|earlier|old|ago|would)\b/i;
const PRESENT = /\b(?:is|are|am|do|does|has|have|should|current(?:ly)?|now|latest|recent(?:ly)?)\b/i;
const WHICH = /\b(?:which|what|who|whose|where)\b/i;
const WHERE = /\bwhere\b/i;

export function parseQuestion(query: string): Question {
	const text = query.slice(0, MAX_CHARS);
	const tokens = tokenise(text);
	const beginnings = beginningsIn(text);
	const words = [...new Set(tokens)];
	const isEmpty = emptyWords(text, words);
	const content = words.filter((word) => !isEmpty(word) || beginnings.has(word));
	const asked = content.length > 0 ? content : words;
	const isNamesOnly = content.length === words.length;
	const isAllAsking = asked.every((word) => ASKING.has(word));
	return {
		words: asked.slice(0, MAX_WORDS).map((word) => {
			const beginning = beginnings.get(word) ?? loneCharacter(word);
			const weight = ASKING.has(word) && !isAllAsking ? ASKING_WEIGHT : 1;
			return { word, weight, ...(beginning !== undefined && { beginning }) };
		}),
		phrases: phrasesIn(text),
		isEmpty,
		names: words,
		asksWhen: WHEN.test(text),
		asksAssistant: YOU_SAID.test(text),
		asksNow: (PRESENT.test(text) || isNamesOnly) && !PAST.test(text),
		asksWhich: WHICH.test(text) || isNamesOnly,
		asksWhere: WHERE.test(text),
	};
}

function phrasesIn(text: string): Phrase[] {
	return [...text.matchAll(PHRASE)]
		.map(([, phrase, inOtherQuotes]) => (phrase ?? inOtherQuotes ?? "").trim())
		.map((written) => ({ written, run: tokenise(written) }))
		.filter(({ run: [first, ...more] }) => {
			// A character of unspaced writing by itself is looked for as the beginning of a word: no text has it alone.
			return first !== undefined && (more.length > 0 || !loneCharacter(first));
		})
		.slice(0, MAX_PHRASES)
		.map(({ written, run }) => {
			const whole = /\s/.test(written) ? -1 : run.findIndex((word) => MARKS.test(word));
			return { asWritten: asRun(run), parts: asRun(whole > 0 ? run.slice(0, whole) : run) };
		});
}

function asRun(words: readonly string[]): string {
	return ` ${words.join(" ")} `;
}

/** Documents have unspaced writing by pairs: a character by itself is the beginning of one. */
function loneCharacter(word: string): Beginning | undefined {
	return [...word].length === 1 && isUnspaced(word) ? { beginning: word, stems: [] } : undefined;
}

/** Which words of a question say nothing about what it is about, in the language that it is in. */
function emptyWords(text: string, words: readonly string[]): (word: string) => boolean {
	const foreign = foreignStopWords(words, isStopWord);
	const pairs = emptyPairs(text);
	return (word) =>
		isStopWord(word) ||
		foreign.has(word) ||
		pairs.has(word) ||
		// Of `l'équipe` the parts are there too; the whole is hardly in a text about `notre équipe`.
		(foreign.size > 0 && word.includes("'"));
}
