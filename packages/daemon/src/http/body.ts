import { invalidRequest, messageOf, RequestError } from "@signet/core";
import type { IncomingBodies } from "./incoming-bodies.ts";

/** Nothing that makes sense is nested deeper, and what reads and writes JSON by recursion could not. */
const MAX_DEPTH = 500;

/**
 * The JSON of a request's body, whatever its content type says: older clients send none, or `text/plain`. Throws when
 * it is too large, too slow or no JSON; an empty body is none either, unless it is optional.
 */
export async function readJsonBody(
	request: Request,
	bodies: Pick<IncomingBodies, "read">,
	{ isOptional = false, malformed = "Invalid JSON body" } = {},
): Promise<unknown> {
	const text = await readText(request, bodies);
	if (isOptional && text === "") return {};
	refuseDeep(text);
	try {
		return JSON.parse(text);
	} catch {
		throw invalidRequest(malformed);
	}
}

async function readText(request: Request, bodies: Pick<IncomingBodies, "read">): Promise<string> {
	const bytes = await bodies.read(request).catch((error: unknown) => {
		if (error instanceof RequestError) throw error;
		throw invalidRequest(`The body could not be read: ${messageOf(error)}`);
	});
	return new TextDecoder().decode(bytes);
}

/** Throws when arrays and objects stand in each other deeper than anybody means it. */
function refuseDeep(text: string): void {
	// Most bodies are too short for it.
	if (text.length <= 2 * MAX_DEPTH) return;
	let depth = 0;
	let isInText = false;
	for (let at = 0; at < text.length; at++) {
		const character = text.charCodeAt(at);
		if (isInText) {
			if (character === BACKSLASH) at++;
			else if (character === QUOTE) isInText = false;
		} else if (character === QUOTE) isInText = true;
		else if (character === BRACKET || character === BRACE) {
			if (++depth > MAX_DEPTH) throw invalidRequest(`The body is nested deeper than ${MAX_DEPTH} levels`);
		} else if (character === BRACKET_END || character === BRACE_END) depth--;
	}
}

const [QUOTE, BACKSLASH] = [34, 92];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [91, 93, 123, 125];
