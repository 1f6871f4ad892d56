import { invalidRequest, messageOf, RequestError } from "@signet/core";
import type { IncomingBodies } from "./incoming-bodies.ts";

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
