import { invalidRequest, messageOf, RequestError, tooLarge } from "@signet/core";

/** Larger bodies are refused. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Who sends more than this is cut off without a word. */
export const MAX_READ_BYTES = 1024 * 1024 * 1024;

/**
 * The JSON of a request's body, whatever its content type says: older clients send none, or `text/plain`. Throws when
 * it is too large or no JSON; an empty body is none either, unless it is optional.
 */
export async function readJsonBody(request: Request, { isOptional = false } = {}): Promise<unknown> {
	const text = await readText(request);
	if (isOptional && text === "") return {};
	try {
		return JSON.parse(text);
	} catch {
		throw invalidRequest("Invalid JSON body");
	}
}

async function readText(request: Request): Promise<string> {
	try {
		return new TextDecoder().decode(await readBytes(request));
	} catch (error) {
		if (error instanceof RequestError) throw error;
		throw invalidRequest(`The body could not be read: ${messageOf(error)}`);
	}
}

/** All of it is read even if it is too large, and then not kept: a client hears nothing while it sends. */
async function readBytes(request: Request): Promise<ArrayBuffer | Uint8Array> {
	const told = Number(request.headers.get("content-length") ?? Number.POSITIVE_INFINITY);
	if (told <= MAX_BODY_BYTES || !request.body) return request.arrayBuffer();
	const kept: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of request.body) {
		size += chunk.byteLength;
		if (size <= MAX_BODY_BYTES) kept.push(chunk);
		else kept.length = 0;
	}
	if (size > MAX_BODY_BYTES) throw tooLarge("the body", size, MAX_BODY_BYTES, "bytes");
	return Buffer.concat(kept);
}
