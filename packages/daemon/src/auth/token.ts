import type { MemoryScope } from "@signet/core";
import { isRole, type Role } from "./permissions.ts";
import { MAX_SUBJECT_CHARS, readScope } from "./scope.ts";

/** What a token says of its holder. Times are seconds since the epoch. */
export interface Claims {
	readonly sub: string;
	readonly scope: MemoryScope;
	readonly role: Role;
	readonly iat: number;
	readonly exp: number;
	/** By which it is listed and revoked; tokens of the earlier daemon have none. */
	readonly jti?: string;
}

export type Verified =
	| { readonly claims: Claims; readonly problem?: never }
	| { readonly claims?: never; readonly problem: string };

const MAX_JTI_CHARS = 128;
/** A longer one is none of ours. */
const MAX_TOKEN_CHARS = 8_192;
/** How far the clock of whoever made a token may be ahead. */
const MAX_SKEW_S = 60;

/** A token: what it says and the mark of the key under that, both in base64url, with a dot between them. */
export function signToken({ sub, scope, role, iat, exp, jti }: Claims, key: Uint8Array): string {
	const payload = JSON.stringify({ sub, scope, role, iat, exp, ...(jti !== undefined && { jti }) });
	const text = Buffer.from(payload).toString("base64url");
	return `${text}.${markOf(text, key)}`;
}

/** What a token says, if one of the keys has made it, in the one way in which it can be written, and it holds at `nowS`. */
export function verifyToken(token: string, keys: readonly Uint8Array[], nowS: number): Verified {
	const dot = token.indexOf(".");
	if (dot < 0 || dot === token.length - 1 || token.length > MAX_TOKEN_CHARS) return { problem: "malformed token" };
	const payload = token.slice(0, dot);
	const mark = token.slice(dot + 1);
	// All keys are tried, so that nothing can be told from the time that it takes.
	const isSigned = keys.map((key) => isSame(mark, markOf(payload, key))).includes(true);
	if (!isSigned) return { problem: "invalid signature" };
	return judgeClaims(parsePayload(payload), nowS);
}

function judgeClaims(said: Readonly<Record<string, unknown>> | undefined, nowS: number): Verified {
	if (!said) return { problem: "malformed payload" };
	const { sub, role, iat, exp, jti } = said;
	if (!isTime(exp) || !isTime(iat)) return { problem: "missing timestamps" };
	if (Math.floor(nowS) >= exp) return { problem: "token expired" };
	if (!Number.isInteger(iat) || iat > nowS + MAX_SKEW_S) return { problem: "token from the future" };
	if (!isSubject(sub)) return { problem: "invalid sub" };
	if (!isRole(role)) return { problem: "invalid role" };
	const scope = readScope(said.scope);
	if (!scope) return { problem: "invalid scope" };
	if (jti === undefined) return { claims: { sub, scope, role, iat, exp } };
	if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_CHARS) return { problem: "invalid jti" };
	return { claims: { sub, scope, role, iat, exp, jti } };
}

/** Whether a text can name the holder of a token. */
export function isSubject(value: unknown): value is string {
	return typeof value === "string" && value.length > 0 && value.length <= MAX_SUBJECT_CHARS;
}

function markOf(payload: string, key: Uint8Array): string {
	return new Bun.CryptoHasher("sha256", key).update(payload).digest("base64url");
}

/** As texts: bytes can be written in more than one way. Takes as long whatever is in them. */
function isSame(given: string, expected: string): boolean {
	const [one, other] = [Buffer.from(given), Buffer.from(expected)];
	return one.length === other.length && crypto.timingSafeEqual(one, other);
}

/** Undefined for what is no base64url, no text, or no JSON object. */
function parsePayload(payload: string): Readonly<Record<string, unknown>> | undefined {
	const bytes = Buffer.from(payload, "base64url");
	if (bytes.toString("base64url") !== payload) return undefined;
	try {
		const said: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
		return isRecord(said) ? said : undefined;
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}
