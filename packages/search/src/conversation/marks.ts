/**
 * What kind of thing a memory says, as far as its wording tells. Each mark is a statement about how people talk, and none
 * is needed: in other languages, and where nobody talks like that, memories have no marks and are ranked by their words.
 */
export const Mark = {
	/** An assistant said it: people ask for what they said themselves. */
	ASSISTANT: 1,
	/** It ends in a question, so that what follows is the answer. */
	QUESTION: 2,
	/** A rule for all work to come: `Always … when I ask about …`. */
	RULE: 4,
	/** What somebody prefers. */
	PREFERENCE: 8,
	/** It tells a time. */
	TIME: 16,
	/** It tells that something is not as it was. */
	CHANGE: 32,
} as const;

const ASSISTANT = /^(?:assistant|ai|bot|chatbot|model|llm)$/i;
const USER = /^(?:user|human)$/i;
/** A stamp in brackets and a name with a colon, as transcripts have before what was said. */
const STAMP = /^\s*\[[^\]]{0,80}\]\s*/;
const NAME = /^\s*([\p{L}][\p{L}\p{N} ._-]{0,40}):\s+/u;
/** What is looked at for rules, which people begin with, and for the rest. In UTF-16 code units. */
const RULE_CHARS = 300;
const MAX_CHARS = 2_000;

const QUESTION = /\?\s*(?:\[[^\]]*\]\s*)?$/;
/** `Always look …`, but not `Always good to see you`. */
const NO_RULE =
	"been|had|has|was|were|is|am|are|a|an|the|good|nice|great|fun|thought|knew|know|wanted|loved|happy|here|there|so|too|" +
	"mind|felt|seen|heard|tried|did|done|got|ever|better|worth|easy";
const RULE = new RegExp(
	`^\\W*(?:please )?(?:always|never) (?!(?:${NO_RULE})\\b)[a-z]+ |\\bfrom now on\\b|\\bwhen(?:ever)? i ask\\b|` +
		"\\bgoing forward, (?:please|always|never|use|do)\\b",
	"i",
);
const PREFERENCE =
	/\bi(?:'d| would|'ve| have| really)*(?: always)? (?:prefer|rather|favou?r)\w*\b|\bmy (?:favou?rite|preference|preferred)\b|\bprefer(?:s|red)?\b/i;
const PERIODS = "week|weekend|month|year|night|morning|afternoon|evening|summer|winter|spring|autumn|fall";
const WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
/** Without `may`, which is more often a verb. */
const MONTHS = "january|february|march|april|june|july|august|september|october|november|december";
const AMOUNTS = "a|an|one|two|three|four|five|six|seven|eight|nine|ten|few|couple of|\\d+";
const TIME = new RegExp(
	`\\b(?:yesterday|today|tonight|tomorrow|recently|ago|since|the other day|(?:last|next|this) (?:${PERIODS}|${WEEKDAYS})|` +
		`(?:${AMOUNTS}) (?:minutes?|hours?|days?|weeks?|months?|years?)|${MONTHS}|(?:19|20)\\d\\d|\\d{1,2}(?:st|nd|rd|th)|` +
		"\\d{1,2}:\\d\\d)\\b",
	"i",
);
/** Words that tell that something is not as it was, in all their forms. */
export const CHANGE_WORDS =
	"now|no longer|anymore|instead|change|changed|changing|update|updated|updating|extended|extending|increase|increased|" +
	"increasing|decrease|decreased|reduce|reduced|raise|raised|lower|lowered|moved|postponed|reschedule|rescheduled|adjust|" +
	"adjusted|revised|improved|switched|replaced|expanded|grown|reached|dropped|cut";
const CHANGE = new RegExp(`\\b(?:${CHANGE_WORDS})\\b`, "i");

export interface Said {
	readonly text: string;
	readonly who: string | null;
	readonly sourceType: string | null;
	/** What the speaker is in the conversation, where somebody said so. */
	readonly role: string | null;
}

/** What was said, without the stamp and the name before it. */
export function spokenText(text: string): string {
	return text.replace(STAMP, "").replace(NAME, "");
}

/** The marks of a memory, added up. */
export function marksOf(said: Said): number {
	const text = spokenText(said.text);
	const isQuestion = QUESTION.test(text.slice(-MAX_CHARS));
	if (isByAssistant(said)) return Mark.ASSISTANT + (isQuestion ? Mark.QUESTION : 0);
	const head = text.slice(0, MAX_CHARS);
	return (
		(isQuestion ? Mark.QUESTION : 0) +
		(RULE.test(text.slice(0, RULE_CHARS)) ? Mark.RULE : 0) +
		(PREFERENCE.test(head) ? Mark.PREFERENCE : 0) +
		(TIME.test(head) ? Mark.TIME : 0) +
		(CHANGE.test(head) ? Mark.CHANGE : 0)
	);
}

/** By the role; else by who said it, where it comes from, or the name that stands before the text. */
function isByAssistant({ text, who, sourceType, role }: Said): boolean {
	const [, name] = NAME.exec(text.replace(STAMP, "")) ?? [];
	const known = [role, who, sourceType, name].find((each) => each && (ASSISTANT.test(each) || USER.test(each)));
	return ASSISTANT.test(known ?? "");
}

/** Names that say what somebody is, not who. */
export function isNoName(who: string): boolean {
	return ASSISTANT.test(who) || USER.test(who) || who === "daemon" || who === "manual";
}
