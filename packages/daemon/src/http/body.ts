import { invalidRequest, tooLarge } from "@signet/core";

/** Larger bodies are refused before they are read. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The JSON of a request's body, whatever its content type says: older clients send none, or `text/plain`. Throws when
 * it is too large or no JSON; an empty body is none either, unless it is optional.
 */
export async function readJsonBody(request: Request, { isOptional = false } = {}): Promise<unknown> {
	const announced = Number(request.headers.get("content-length") ?? 0);
	if (announced > MAX_BODY_BYTES) throw tooLarge("the body", announced, MAX_BODY_BYTES, "bytes");
	const text = await request.text();
	if (isOptional && text === "") return {};
	try {
		return JSON.parse(text);
	} catch {
		throw invalidRequest("Invalid JSON body");
	}
}
