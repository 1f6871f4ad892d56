import { invalidRequest, messageOf, tooLarge } from "@signet/core";

/** Larger bodies are refused. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The JSON of a request's body, whatever its content type says: older clients send none, or `text/plain`. Throws when
 * it is too large or no JSON; an empty body is none either, unless it is optional.
 */
export async function readJsonBody(
	request: Request,
	{ isOptional = false, malformed = "Invalid JSON body" } = {},
): Promise<unknown> {
	const text = await readText(request);
	if (isOptional && text === "") return {};
	try {
		return JSON.parse(text);
	} catch {
		throw invalidRequest(malformed);
	}
}

/** All of it is read even if it is too large, up to the server's own limit: a client hears nothing while it sends. */
async function readText(request: Request): Promise<string> {
	const bytes = await request.arrayBuffer().catch((error: unknown) => {
		throw invalidRequest(`The body could not be read: ${messageOf(error)}`);
	});
	if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge("the body", bytes.byteLength, MAX_BODY_BYTES, "bytes");
	return new TextDecoder().decode(bytes);
}
