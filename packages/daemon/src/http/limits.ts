import { invalidRequest, RequestError } from "@signet/core";

/** Longer addresses are refused; the longest that a client of ours sends is a question of 4,000 characters. */
const MAX_URL_CHARS = 8_192;
const MAX_QUERY_PARAMETERS = 100;
const MAX_HEADERS = 100;
/** Names and values together. The runtime refuses more than 16 KiB itself, without a word. */
const MAX_HEADER_CHARS = 12 * 1024;

/** Why a request is too much before its body is looked at, if it is. Nothing of it is repeated in the answer. */
export function refuseOversized({ url, headers }: Request): RequestError | undefined {
	if (url.length > MAX_URL_CHARS) {
		const sizes = `${url.length} characters; at most ${MAX_URL_CHARS} are accepted`;
		return new RequestError(414, "uri_too_long", `The address has ${sizes}. Send what is long in the body`);
	}
	const parameters = countParameters(url);
	if (parameters > MAX_QUERY_PARAMETERS) {
		return invalidRequest(`The query has ${parameters} parameters; at most ${MAX_QUERY_PARAMETERS} are accepted`);
	}
	let count = 0;
	let chars = 0;
	headers.forEach((value, name) => {
		count++;
		chars += name.length + value.length;
	});
	if (count > MAX_HEADERS || chars > MAX_HEADER_CHARS) {
		const accepted = `at most ${MAX_HEADERS} with ${MAX_HEADER_CHARS} characters are accepted`;
		return new RequestError(
			431,
			"headers_too_large",
			`There are ${count} headers with ${chars} characters; ${accepted}`,
		);
	}
	return undefined;
}

function countParameters(url: string): number {
	let count = 0;
	for (let at = url.indexOf("?"); at >= 0; at = url.indexOf("&", at + 1)) count++;
	return count;
}
