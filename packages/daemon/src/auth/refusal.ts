import { RequestError } from "@signet/core";

/** A caller is turned away, with what clients of HTTP expect beside the words. */
export class Refusal extends RequestError {
	override readonly name = "Refusal";
	constructor(
		status: 401 | 403 | 429,
		code: string,
		message: string,
		readonly more: {
			readonly headers?: Readonly<Record<string, string>>;
			/** Beside `error` and `code`. */
			readonly body?: Readonly<Record<string, unknown>>;
		} = {},
	) {
		super(status, code, message);
	}
}

/** 401: nobody is there, or not who they claim to be. */
export function unauthenticated(message: string): Refusal {
	return new Refusal(401, "unauthenticated", message, { headers: { "www-authenticate": "Bearer" } });
}

/** 403: they are there and may not. */
export function forbidden(message: string): Refusal {
	return new Refusal(403, "forbidden", message);
}
