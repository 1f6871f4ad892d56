import { invalidRequest, messageOf, RequestError, type Timers, tooLarge } from "@signet/core";

/** Larger bodies are refused. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
/** All bodies that are being read or worked on together; more have to wait. */
const MAX_BYTES_TOGETHER = 64 * 1024 * 1024;
/** From the first byte to the last. A body of the largest size needs 170 kB a second. */
const MAX_READING_MS = 60_000;
/** Nothing that makes sense is nested deeper, and what reads and writes JSON by recursion could not. */
const MAX_DEPTH = 500;

interface ReadOptions {
	/** An empty body is an empty object. */
	readonly isOptional?: boolean;
}

/** Reads the bodies of requests; whoever sends slowly, or much, gets no more memory than its share. */
export class Bodies {
	#bytesTogether = 0;

	constructor(private readonly timers: Pick<Timers, "after">) {}

	/**
	 * The JSON of a request's body, whatever its content type says: older clients send none, or `text/plain`. Throws when
	 * it is too large, too slow or no JSON; an empty body is none either, unless it is optional.
	 */
	async readJson(request: Request, { isOptional = false }: ReadOptions = {}): Promise<unknown> {
		const text = await this.#readText(request);
		if (isOptional && text === "") return {};
		refuseDeep(text);
		try {
			return JSON.parse(text);
		} catch {
			throw invalidRequest("Invalid JSON body");
		}
	}

	async #readText(request: Request): Promise<string> {
		const { promise: expired, reject } = Promise.withResolvers<never>();
		const timer = this.timers.after(MAX_READING_MS, () => reject(tooSlow()));
		try {
			// What is small, as the server makes sure that it is, is not worth being counted.
			const isSmall = Number(request.headers.get("content-length") ?? Number.NaN) <= SMALL_BYTES;
			return await (isSmall ? Promise.race([request.text(), expired]) : this.#readParts(request, expired));
		} catch (error) {
			throw error instanceof RequestError ? error : invalidRequest(`The body could not be read: ${messageOf(error)}`);
		} finally {
			timer.cancel();
		}
	}

	async #readParts({ body }: Request, expired: Promise<never>): Promise<string> {
		if (!body) return "";
		const parts: Uint8Array[] = [];
		let length = 0;
		let held = 0;
		const reader = body.getReader();
		try {
			for (;;) {
				const { done, value } = await Promise.race([reader.read(), expired]);
				if (done) break;
				length += value.byteLength;
				// What is too large is read to its end all the same, and not kept: a client hears nothing while it sends. The
				// server ends it at twice the size.
				if (length > MAX_BODY_BYTES) {
					parts.length = 0;
					continue;
				}
				held += value.byteLength;
				this.#bytesTogether += value.byteLength;
				if (this.#bytesTogether > MAX_BYTES_TOGETHER) throw tooMuchTogether();
				parts.push(value);
			}
		} catch (error) {
			void reader.cancel().catch(() => undefined);
			throw error;
		} finally {
			this.#bytesTogether -= held;
		}
		if (length > MAX_BODY_BYTES) throw tooLarge("the body", length, MAX_BODY_BYTES, "bytes");
		const [only] = parts;
		return new TextDecoder().decode(parts.length === 1 ? only : Buffer.concat(parts));
	}
}

function tooSlow(): RequestError {
	return new RequestError(408, "too_slow", `The body was not there within ${MAX_READING_MS / 1_000} s`);
}

function tooMuchTogether(): RequestError {
	return new RequestError(503, "busy", "Too many large requests are being read at the moment; send it again later");
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
