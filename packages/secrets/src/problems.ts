import { invalidRequest, isSecretName, notFound, RequestError } from "@signet/core";
import type { Unopened } from "./opening.ts";

/** Why the vault does not do what it is asked to. No message holds a value. */

/** 400: no secret can be called so. */
export function demandName(name: string): void {
	if (isSecretName(name)) return;
	throw invalidRequest(`Invalid secret name '${name}'. Use letters, digits, and underscores only.`);
}

/** 400: what is no text cannot come out as it went in. */
export function demandValue(name: string, value: string): void {
	if (value === "") throw invalidRequest("value is required");
	if (!value.isWellFormed()) throw invalidRequest(`The value of '${name}' is no text: half a character stands in it`);
}

/** 404. */
export function missing(name: string): RequestError {
	return notFound(`Secret '${name}' not found`);
}

/** 503: nothing can be opened or sealed until somebody unlocks it. */
export function lockedError(why = "their key is not known"): RequestError {
	return new RequestError(503, "secrets_locked", `The secrets are locked: ${why}`);
}

/** Why a secret that is there cannot be had. */
export function unopened(name: string, why: Unopened, locked: string | undefined): RequestError {
	if (why === "foreign" && locked !== undefined) return lockedError(locked);
	const reason = {
		damaged: "what is stored is damaged",
		foreign: "it was sealed on another machine, or is damaged",
		moved: "what stands there belongs to another secret; somebody has changed the file",
	}[why];
	return new RequestError(
		500,
		"secret_unopened",
		`Secret '${name}' cannot be opened: ${reason}. Store it anew, or see what is wrong with \`signet secret check\``,
	);
}

/** 503: the store is no store. It stays as it is until somebody mends it. */
export function unreadable(path: string, why: string, backup: string | undefined): RequestError {
	const wayOut = backup === undefined ? "" : `put ${backup}, which was written last, in its place, or `;
	return new RequestError(
		503,
		"secrets_unreadable",
		`The secrets in ${path} cannot be read: ${why}. The file is left as it is: ${wayOut}move it away to begin anew`,
	);
}

/** 503: too many want the same. */
export function busy(why: string): RequestError {
	return new RequestError(503, "secrets_busy", `${why}; try again`);
}
