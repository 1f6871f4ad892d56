import { isStopWord } from "../lexical/stop-words.ts";
import { tokenise } from "../lexical/tokenise.ts";

/**
 * What short English sentences claim, as far as their form shows it: that something has a value (`Deploys happen on Heroku`), or
 * that it got another one (`We moved the deploys to Fly.io`, `pnpm instead of npm`). What is not surely of such a form claims
 * nothing: that a memory is taken for outdated by mistake is worse than that it is not.
 */
export interface Claim {
	/** What has the value, beside pronouns: words as they are indexed. */
	readonly about: ReadonlySet<string>;
	/** The value; empty when it is only said what holds no more. */
	readonly value: ReadonlySet<string>;
	/** The value that holds no more, where it is named. */
	readonly former: ReadonlySet<string>;
	/** How it has the value. */
	readonly relation: Relation;
	/** It says that the value is another one now. */
	readonly isChange: boolean;
	/** It is about the speaker alone. */
	readonly isOwn: boolean;
	/** The value is written as a name (`Postgres`), not as a word (`slow`, `beta`, `every push`). */
	readonly isName: boolean;
}

/**
 * `is`: the only one of its kind; `as`: used as the one thing of a kind; `use`: used among others; `place`: where somebody or
 * something is or happens; `platform`: what it runs on; `work`: for whom; `by`: who has it in hand; `move` and `switch`: got there.
 */
export type Relation = "is" | "as" | "use" | "place" | "platform" | "work" | "by" | "move" | "switch";

/** In a longer text, or in more sentences, what belongs to what is not told by their form. In UTF-16 code units. */
const MAX_CHARS = 300;
const MAX_SENTENCES = 3;
const MAX_SENTENCE_CHARS = 120;
const MAX_ABOUT_CHARS = 60;
const MAX_VALUE_WORDS = 5;

/** What was not so, or is only thought of. */
const UNREAL =
	/\b(?:not|never|cannot|should|could|would|might|may|will|wants?|plan\w*|if|maybe|perhaps|consider\w*|propos\w*|discuss\w*|thinking|suggest\w*|wish\w*|hope\w*|until|before|tried|failed|almost|nearly|going to|also|some|sometimes|partly)\b|n['’]t\b/i;
const NOW = /\b(?:now|currently|these days|nowadays|today|instead|again|finally|recently|just|already|since then)\b/gi;
const LATELY = /\b(?:yesterday|(?:last|this) (?:\w+day|week|month|quarter|year|spring|summer|autumn|fall|winter))\b/gi;
/** Where what is said of the value besides begins. */
const BESIDES =
	/\s(?:for|as|in|on|at|with|of|by|from|because|since|so|and|but|which|that|when|while|after|due)\s|[,:(–—]/i;
const TIME =
	/^(?:(?:in|on|at|since|after|last|this|next) )*(?:the )?(?:\w+ )?(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|week|weekend|month|quarter|year|morning|evening|spring|summer|autumn|winter|(?:19|20)\d\d)s?\b/i;
/** Words of the forms themselves, and for those who are spoken for. */
const EMPTY = new Set(
	tokenise("use uses using used project team company repo repository codebase everything everyone all switch move"),
);
const OWN = /^(?:i|my|mine)\b/i;
/** Who they are is told elsewhere. */
const UNRESOLVED = /^(?:it|he|she|they|this|that|these|those|there|which|who|what|his|her|their|its)\b/i;
const ARTICLE = /^(?:an?|the|another|our|my|new)\b/i;
/** One of several, as far as this says. */
const INDEFINITE = /^(?:an?|some|many|several|both|one of|two|three)\b/i;
const PARTLY = /\b(?:only|except|apart from|partly|for now|trial|experiment\w*)\b/i;
const TAKEN_BACK = /\b(?:but\b.*\b(?:back|undid|undone)|revert\w*|rolled back|went back)\b/i;
const NAME = /\p{Lu}/u;
/** How something is, beside which it is something as well: `The primary database is backed up nightly`. */
const STATE =
	/^(?:(?:very|too|so|quite|really) )?(?:[a-z]+(?:ed|ing)|slow|fast|down|up|offline|online|broken|ready|done|full|empty|big|small|old|new|good|bad|fine|ok|stable|flaky|away|late|busy|ill|sick)\b/;
const CLAUSE = /[,:(–—]|\s(?:because|since|so|and|but|which|when|while|after)\s/;
const INSTEAD = /^(?<fact>.+?) instead of (?<former>.+)$/i;
const DEFINITE = /^(?:the|our|my|\p{L}+['’]s)\s/iu;

const IS = `(?:is|are)(?: (?:now|currently|still))?`;
/** The forms of a fact: who or what, in which relation, and the value. */
const FACTS: readonly (readonly [Relation, RegExp])[] = [
	["by", new RegExp(`^(?<about>.+?) ${IS} (?:owned|managed|handled|maintained|run) by (?<value>.+)$`, "i")],
	[
		"platform",
		new RegExp(`^(?<about>.+?) (?:${IS} (?:written|implemented) (?:in|with|on)|runs? on) (?<value>.+)$`, "i"),
	],
	["use", new RegExp(`^(?<about>.+?) ${IS} built (?:in|with|on) (?<value>.+)$`, "i")],
	[
		"place",
		new RegExp(
			`^(?<about>.+?) (?:(?:lives?|happens?|sits?|stays?|runs?) (?:in|on|at)|${IS} (?:(?:hosted|deployed|stored|kept|located|based) )?(?:in|on|at|to|with)) (?<value>.+)$`,
			"i",
		),
	],
	["work", /^(?<about>.+?) works? (?:at|for) (?<value>.+)$/i],
	["use", /^(?<about>.+?) uses? (?<value>.+)$/i],
	["is", new RegExp(`^(?<about>.+?) ${IS}(?: called| named)? (?<value>.+)$`, "i")],
];
const MOVED = "moved|relocated";
const SWITCHED = "switched|migrated|changed|converted|transitioned|ported|went over";
/** The forms of a change: who or what changed, what holds no more, and the value. */
const CHANGES: readonly (readonly [Relation, RegExp])[] = [
	["switch", /^(?<former>.+?) (?:was|were|has been|have been|got) replaced (?:with|by) (?<value>.+)$/i],
	["switch", /^(?<about>.*?)\breplaced (?<former>.+?) (?:with|by) (?<value>.+)$/i],
	[
		"switch",
		/^(?<about>.*?)\b(?:no longer|stopped|do not|does not|don['’]t|doesn['’]t)(?: us(?:e|es|ing))? (?<former>.+?)(?: any ?more| any longer)?$/i,
	],
	["move", new RegExp(`^(?<about>.*?)\\b(?:${MOVED})\\b(?<object>.*?)(?: from (?<former>.+?))? to (?<value>.+)$`, "i")],
	[
		"switch",
		new RegExp(
			`^(?<about>.*?)\\b(?:${SWITCHED})\\b(?<object>.*?)(?: from (?<former>.+?))?(?: over)? to (?<value>.+)$`,
			"i",
		),
	],
];
/** Without one of these no form fits: most sentences are told by them alone. */
const FACT_HINT = /\b(?:is|are|uses?|runs?|lives?|happens?|sits?|stays?|works?)\b/i;
const CHANGE_HINT = new RegExp(`\\b(?:replaced|instead|longer|stopped|any ?more|${MOVED}|${SWITCHED})\\b`, "i");
/** `do not` alone denies; only with `any more` it did hold before. */
const NEGATED = /\b(?:do not|does not|don['’]t|doesn['’]t)\b/i;
const NO_MORE = /\bany ?more\b|\bany longer\b/i;

/** The claims of a text; none for most. */
export function claimsOf(text: string): Claim[] {
	if (text.length > MAX_CHARS) return [];
	const sentences = text.split(/(?<=[.!?;])\s+|\n+/);
	if (sentences.length > MAX_SENTENCES) return [];
	return sentences.flatMap((sentence) => {
		if (sentence.length > MAX_SENTENCE_CHARS || sentence.endsWith("?")) return [];
		const plain = sentence.trim().replace(/[.!;]+$/, "");
		const claim = changeOf(plain) ?? factOf(plain);
		return claim ? [claim] : [];
	});
}

function changeOf(sentence: string): Claim | undefined {
	if (!CHANGE_HINT.test(sentence) || PARTLY.test(sentence) || TAKEN_BACK.test(sentence)) return undefined;
	const instead = INSTEAD.exec(sentence)?.groups;
	if (instead) {
		const fact = factOf((instead.fact ?? "").replace(/^use\b/i, "we use"));
		const { text, besides } = toldIn(instead.former ?? "");
		return fact && { ...fact, about: fact.about.union(wordsOf(besides)), former: wordsOf(text), isChange: true };
	}
	for (const [relation, form] of CHANGES) {
		const parts = form.exec(sentence)?.groups;
		if (!parts) continue;
		if (NEGATED.test(sentence) && !NO_MORE.test(sentence)) return undefined;
		const { about = "", object = "", former = "", value = "" } = parts;
		if (UNREAL.test(about) || UNRESOLVED.test(about.trim())) return undefined;
		// `Ana moved to the platform team` does not say where she is.
		if (relation === "move" && object.trim() === "" && !former && ARTICLE.test(value)) return undefined;
		const [told = ""] = value.split(CLAUSE);
		const [heldBefore = ""] = former.split(CLAUSE);
		return claim({ about: `${about} ${object}`, former: heldBefore, value: told, relation, isChange: true });
	}
	return undefined;
}

function factOf(sentence: string): Claim | undefined {
	if (!FACT_HINT.test(sentence) || UNREAL.test(sentence)) return undefined;
	for (const [relation, form] of FACTS) {
		const { about, value } = form.exec(sentence)?.groups ?? {};
		if (about === undefined || value === undefined) continue;
		if (UNRESOLVED.test(about) || INDEFINITE.test(value)) return undefined;
		// `Ana is the release manager` tells who that is, `the editor is vim` which.
		const isReversed = relation === "is" && !DEFINITE.test(about) && DEFINITE.test(value);
		const [subject, told] = isReversed ? [value.replace(NOW, " "), about] : [about, value];
		if (relation === "is" && STATE.test(told)) return undefined;
		return claim({ about: subject, former: "", value: told, relation, isChange: false });
	}
	return undefined;
}

function claim(parts: {
	about: string;
	former: string;
	value: string;
	relation: Relation;
	isChange: boolean;
}): Claim | undefined {
	const { about, relation, isChange } = parts;
	if (about.length > MAX_ABOUT_CHARS) return undefined;
	const former = toldIn(parts.former);
	const value = toldIn(parts.value);
	const isAs = relation === "use" && /^as\s/i.test(value.besides);
	const known = {
		about: wordsOf(`${about} ${former.besides} ${value.besides}`),
		value: wordsOf(value.text),
		former: wordsOf(former.text),
		relation: isAs ? ("as" as const) : relation,
		isChange,
		isOwn: OWN.test(about.trim()),
		isName: NAME.test(value.text),
	};
	const isTold = known.value.size + known.former.size > 0;
	return isTold && known.value.size <= MAX_VALUE_WORDS && known.former.size <= MAX_VALUE_WORDS ? known : undefined;
}

/** A value, and what is said of it besides, but for when. */
function toldIn(text: string): { text: string; besides: string } {
	const plain = text.replace(NOW, " ").replace(LATELY, " ").replace(/\s+/g, " ").trim();
	const at = plain.search(BESIDES);
	const besides = at < 0 ? "" : plain.slice(at).replace(/^[\s,:(–—]+/, "");
	return { text: at < 0 ? plain : plain.slice(0, at), besides: TIME.test(besides) ? "" : besides };
}

function wordsOf(text: string): ReadonlySet<string> {
	return new Set(tokenise(text.replace(NOW, " ")).filter((word) => !isStopWord(word) && !EMPTY.has(word)));
}
