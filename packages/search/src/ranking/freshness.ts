import type { Conversations } from "../conversation/conversations.ts";
import { CHANGE_WORDS, Mark, spokenText } from "../conversation/marks.ts";
import { isStopWord } from "../lexical/stop-words.ts";
import { stem } from "../lexical/tokenise.ts";
import type { WordScorer } from "../lexical/word-scorer.ts";
import { type Claim, claimsOf } from "./claims.ts";
import { type AskedFor, replaces } from "./replacement.ts";
import type { RankedDocument } from "./signet.ts";

/**
 * What was said of the same thing later holds: where two memories have the same of the question in them and tell different
 * numbers, or the one claims what takes the place of what the other claims, the later one goes first. Set by measurement on
 * public conversations.
 */

/** The best that may be superseded, and those that may supersede them. */
const MAX_SUPERSEDED = 3;
export const MAX_LOOKED_AT = 10;
/** How much evidence the later one needs, beside the earlier: less, when it says that something has changed. */
const LEAST_BESIDE = 0.7;
const LEAST_BESIDE_WITH_CHANGE = 0.5;
/** How much of what the earlier has of the question the later has to have too. */
const LEAST_SHARED = 0.3;
/** What is looked at for numbers. In UTF-16 code units. */
const MAX_CHARS = 600;
/** In a longer text a word stands beside so many others that this says nothing. */
const MAX_SHORT_WORDS = 30;
/** What two texts have to have in common, of the words that they are about, for the one to be marked by the other. */
const LEAST_COMMON = 0.4;
const NUMBER = /\d[\d,.:/]*\d|\d/g;

/** What a short note that has one of these tells is only thought of, whatever it says of a change. */
const THOUGHT_OF =
	/\b(?:should|could|would|might|if|maybe|perhaps|wants? to|plan(?:s|ned|ning)? to|consider\w*|propos\w*|suggest\w*)\b|(?<!\d )\bmay\b(?! \d)|\?\s*$/i;
/** What a short note that has one of these tells does not hold, unless it tells of a change. */
const NOT_SO = /\b(?:not|never|was|were|used to)\b|n['’]t\b/i;

/** When something was said, and what. */
export interface Statement {
	/** Milliseconds since 1970. */
	readonly createdMs: number;
	/** Where it stands in its session, if it is of one. */
	readonly session: number | null;
	readonly place: number;
	/** Its place in the order in which memories were stored. */
	readonly stored: number;
	readonly project: string | null;
	readonly text: string;
}

export interface FreshnessOptions {
	readonly scorer: WordScorer;
	readonly conversations: Conversations;
	/** What decides whether a claim takes the place of another. */
	readonly asked: AskedFor;
	/** Whether the question names a speaker. */
	readonly isNamed: (speaker: number) => boolean;
	readonly statementOf: (document: RankedDocument) => Statement | undefined;
}

/**
 * The documents with those that hold now before those that they supersede, which are told by what.
 * @param further that were not found, and are left out unless they supersede one that was
 */
export function freshFirst(
	ranked: readonly RankedDocument[],
	further: readonly RankedDocument[],
	options: FreshnessOptions,
): RankedDocument[] {
	const told = [
		...ranked.slice(0, MAX_LOOKED_AT).map((document, at) => new Told(document, options, at < MAX_SUPERSEDED)),
		...further.map((document) => new Told(document, options, true)),
	];
	for (let at = 0; at < Math.min(told.length, MAX_SUPERSEDED); at++) {
		const earlier = told[at];
		const later = earlier && whatHoldsAfter(earlier, told.slice(at + 1));
		if (!later) continue;
		told.splice(told.indexOf(later), 1);
		told.splice(at, 0, later.inPlaceOf(earlier));
		at++;
	}
	const unfound = new Set(further.map(({ doc }) => doc));
	const isLeft = ({ document }: Told) => document.isFresher || !unfound.has(document.doc);
	const after = (one: Told) =>
		latest(told.filter((other) => other !== one && other.supersedes(one) && other.isInPlaceOf(one)));
	const marked = told.filter(isLeft).map((one) => {
		let later = after(one);
		// It may have been said to have changed again since.
		for (let changes = 1; later && changes < told.length; changes++) {
			const next = after(later);
			if (!next?.claimsInstead(later)) break;
			later = next;
		}
		return later && isLeft(later) ? { ...one.document, supersededBy: later.document.memoryId } : one.document;
	});
	const first = new Set(marked.map(({ memoryId }) => memoryId));
	return [...marked, ...ranked.slice(MAX_LOOKED_AT).filter(({ memoryId }) => !first.has(memoryId))];
}

/** What holds in place of what one says, through all its changes, among others that were found. */
function whatHoldsAfter(earlier: Told, others: readonly Told[]): Told | undefined {
	let holding = others.find((other) => other.supersedes(earlier));
	// Times and places in a session may contradict each other, so the last of them need not be there.
	for (let changes = 1; holding && changes < others.length; changes++) {
		const before = holding;
		const next = others.find((other) => other.supersedes(before) && other.isInPlaceOf(before));
		if (!next) break;
		holding = next;
	}
	return holding;
}

/** The one that was said last. */
function latest(some: readonly Told[]): Told | undefined {
	return some.reduce<Told | undefined>((last, one) => (!last || one.isLaterThan(last) ? one : last), undefined);
}

/** A document with what it tells, as far as it is asked for. */
class Told {
	readonly #isByAssistant: boolean;
	readonly #hasChange: boolean;
	readonly #speaker: number;
	#statement: Statement | undefined | null = null;
	#numbers: ReadonlySet<string> | undefined;
	#said: string | undefined;
	#claims: readonly Claim[] | undefined;
	#words: readonly string[] | undefined;
	#subjects: ReadonlySet<string> | undefined;

	constructor(
		readonly document: RankedDocument,
		private readonly options: FreshnessOptions,
		/** Only of the first, and what they led to, it is looked what has taken the place of their claims: that takes a while. */
		private readonly isLookedAfter: boolean,
	) {
		const marks = options.conversations.marks(document.doc);
		this.#isByAssistant = (marks & Mark.ASSISTANT) !== 0;
		this.#hasChange = (marks & Mark.CHANGE) !== 0;
		this.#speaker = options.conversations.speaker(document.doc);
	}

	/** The same with the evidence of what it takes the place of. */
	inPlaceOf({ document: { evidence } }: Told): Told {
		return new Told({ ...this.document, evidence, isFresher: true }, this.options, true);
	}

	/** Whether this says what holds in place of what another one says. */
	supersedes(earlier: Told): boolean {
		if (this.#isByAssistant || earlier.#isByAssistant) return false;
		const { scorer, isNamed } = this.options;
		if (isNamed(earlier.#speaker) && this.#speaker !== earlier.#speaker) return false;
		const least = this.#hasChange ? LEAST_BESIDE_WITH_CHANGE : LEAST_BESIDE;
		const isNearlyAsGood = this.document.evidence >= least * earlier.document.evidence;
		if (!isNearlyAsGood && !earlier.#mayBeReplaced) return false;
		if (this.#statementMade?.project !== earlier.#statementMade?.project || !this.isLaterThan(earlier)) return false;
		if (this.claimsInstead(earlier)) return true;
		return (
			isNearlyAsGood &&
			this.#tellsOtherNumbers(earlier) &&
			this.#isSaidToBeSo &&
			scorer.shared(earlier.document, this.document) >= LEAST_SHARED &&
			!this.#isOfAnother(earlier)
		);
	}

	/** By their places within a session, by their times otherwise; of the same moment by the order in which they came. */
	isLaterThan(other: Told): boolean {
		const [is, was] = [this.#statementMade, other.#statementMade];
		if (!is || !was) return false;
		const isSameSession = is.session !== null && is.session === was.session;
		const apart = isSameSession ? is.place - was.place : is.createdMs - was.createdMs;
		return apart > 0 || (apart === 0 && is.stored > was.stored);
	}

	/** Whether this, which supersedes the earlier one, is so much about the same that that can be said to hold no more. */
	isInPlaceOf(earlier: Told): boolean {
		return this.#isAboutTheSame(earlier) || this.claimsInstead(earlier);
	}

	/** Whether both claim something, and what this one claims takes the place of what the earlier does. */
	claimsInstead(earlier: Told): boolean {
		const { asked } = this.options;
		if (!earlier.#mayBeReplaced) return false;
		const isSameSpeaker = this.#speaker === earlier.#speaker;
		return this.#claimsMade.some((later) =>
			earlier.#claimsMade.some(
				(before) => (isSameSpeaker || !(later.isOwn || before.isOwn)) && replaces(later, before, asked),
			),
		);
	}

	#isAboutTheSame(other: Told): boolean {
		const [first, second] = [this.#subjectsNamed, other.#subjectsNamed];
		return first.intersection(second).size >= LEAST_COMMON * first.union(second).size;
	}

	/** Whether both tell numbers, and this one some that the other does not. */
	#tellsOtherNumbers(other: Told): boolean {
		const known = other.#numbersTold;
		return known.size > 0 && !this.#numbersTold.isSubsetOf(known);
	}

	/**
	 * Whether this one, where both are short, speaks of another thing of the same kind: the earlier has what is asked for
	 * beside what both are about (`production database`), and this one has something else there (`staging database`).
	 */
	#isOfAnother(earlier: Told): boolean {
		const [was, is] = [earlier.#wordsOfText, this.#wordsOfText];
		if (Math.max(was.length, is.length) > MAX_SHORT_WORDS) return false;
		const { scorer } = this.options;
		return was.some((word, at) => {
			if (is.includes(word) || !scorer.looksFor(word)) return false;
			return [-1, 1].some((side) => {
				const beside = was[at + side];
				if (beside === undefined || !scorer.looksFor(beside)) return false;
				return is.some((other, place) => {
					const there = is[place - side];
					return other === beside && there !== undefined && isSubject(there) && !was.includes(there);
				});
			});
		});
	}

	get #statementMade(): Statement | undefined {
		if (this.#statement === null) this.#statement = this.options.statementOf(this.document);
		return this.#statement;
	}

	get #mayBeReplaced(): boolean {
		return this.isLookedAfter && this.#claimsMade.length > 0;
	}

	get #claimsMade(): readonly Claim[] {
		this.#claims ??= this.document.wordCount > MAX_SHORT_WORDS ? [] : claimsOf(this.#spoken);
		return this.#claims;
	}

	/** In a longer text, what is not so may be something else; in a turn, what the speaker asks for besides. */
	get #isSaidToBeSo(): boolean {
		const isTurn = this.#statementMade?.session !== null;
		if (isTurn || this.document.wordCount > MAX_SHORT_WORDS) return true;
		return !THOUGHT_OF.test(this.#spoken) && (this.#hasChange || !NOT_SO.test(this.#spoken));
	}

	get #numbersTold(): ReadonlySet<string> {
		this.#numbers ??= new Set(this.#spoken.slice(0, MAX_CHARS).match(NUMBER) ?? []);
		return this.#numbers;
	}

	get #spoken(): string {
		this.#said ??= spokenText(this.#statementMade?.text ?? "");
		return this.#said;
	}

	get #wordsOfText(): readonly string[] {
		const { words, wordCount } = this.document;
		this.#words ??= words.trim().split(" ").slice(0, wordCount);
		return this.#words;
	}

	get #subjectsNamed(): ReadonlySet<string> {
		this.#subjects ??= new Set(this.#wordsOfText.filter(isSubject));
		return this.#subjects;
	}
}

/** Neither a stop word, nor a number, nor a word that says that something has changed. */
function isSubject(word: string): boolean {
	return !isStopWord(word) && !/^\d/.test(word) && !CHANGE_STEMS.has(word);
}

const CHANGE_STEMS: ReadonlySet<string> = new Set(CHANGE_WORDS.split(/[| ]/).map(stem));
