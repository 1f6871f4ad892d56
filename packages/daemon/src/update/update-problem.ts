/** An update cannot be had or made. The message says why and what to do; everything is as it was. */
export class UpdateProblem extends Error {
	override readonly name = "UpdateProblem";
}

/** What to do about a failure of checking or installing, beside what it says itself. */
export function adviceOn(message: string): string {
	const said = message.toLowerCase();
	const sentence = /[.?!]$/.test(message) ? message : `${message}.`;
	if (/\b(?:403|429)\b|rate limit/.test(said)) return `${sentence} Too many asked there: try again in an hour`;
	if (/is not found: |enotfound|unable to connect|fetch failed|connectionrefused|econnrefused/.test(said)) {
		return `${sentence} There is no connection to the registry: check the network`;
	}
	if (/eacces|eperm|erofs|permission/.test(said)) {
		return `${sentence} This user may not write there: install the new version the way that this one was installed`;
	}
	if (/no answer within|timed? ?out/.test(said)) return `${sentence} The registry took too long: try again later`;
	return message;
}
