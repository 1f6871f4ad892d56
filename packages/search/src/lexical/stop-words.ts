/**
 * English words that say nothing about what a question is about. They are indexed, so that a query of nothing else
 * still finds something, but left out of queries that have other words.
 */
export const WORDS =
	"a about after all also am an and any are as at be because been before being but by can could did do does doing " +
	"don for from get got had has have having he her here hers him his how i if in into is it its itself just let ll " +
	"me my no nor not of off on once only or other our ours out over own re s same she should so some such t than that " +
	"the their theirs them then there these they this those through to too under until up us ve very was we were what " +
	"when where which while who whom whose why will with would you your yours";

/** Those of them that are stemmed to something else, as they are indexed. Written out: stemming takes time and memory. */
const STEMS = "ani ar becaus befor doe ha hi onc onli thei thi veri wa";

const STOP_WORDS: ReadonlySet<string> = new Set(`${WORDS} ${STEMS}`.split(" "));

export function isStopWord(token: string): boolean {
	return STOP_WORDS.has(token);
}
