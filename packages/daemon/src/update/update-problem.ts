/** An update cannot be had or made. The message says why and what to do; everything is as it was. */
export class UpdateProblem extends Error {
	override readonly name = "UpdateProblem";
}

/** What to do about a failure of checking or installing, beside what it says itself. */
export function adviceOn(message: string): string {
	const said = message.toLowerCase();
	if (/\b(?:403|429)\b|rate limit/.test(said)) return `${message}. Too many asked there: try again in an hour`;
	if (/is not found: |enotfound|unable to connect|fetch failed|connectionrefused|econnrefused/.test(said)) {
		return `${message}. There is no connection to the registry: check the network`;
	}
	if (/eacces|eperm|erofs|permission/.test(said)) {
		return `${message}. This user may not write there: install the new version the way that this one was installed`;
	}
	if (/no answer within|timed? ?out/.test(said)) return `${message}. The registry took too long: try again later`;
	return message;
}
