import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import fc from "fast-check";
import { VECTOR_KEY } from "../testing/guarded-daemon.ts";
import { ROLES } from "./permissions.ts";
import { type Claims, signToken, verifyToken } from "./token.ts";

const IAT = 1_767_225_600;
const EXP = 4_102_444_800;
const NOW_S = 1_790_000_000;
const problemOf = (token: string, key = VECTOR_KEY) => verifyToken(token, [key], NOW_S).problem;
const signText = (payload: string, key = VECTOR_KEY) => {
	const text = Buffer.from(payload).toString("base64url");
	return `${text}.${new Bun.CryptoHasher("sha256", key).update(text).digest("base64url")}`;
};

const VECTORS: readonly (readonly [name: string, claims: Claims, token: string])[] = [
	[
		"T1",
		{ sub: "token:admin", scope: EVERYTHING, role: "admin", iat: IAT, exp: EXP },
		"eyJzdWIiOiJ0b2tlbjphZG1pbiIsInNjb3BlIjp7fSwicm9sZSI6ImFkbWluIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9.WsipFMDNoM07BpsHIFjYoNzKqYoXK9pJVqpVv2S44VE",
	],
	[
		"T2",
		{ sub: "agent-42", scope: { project: "myproject" }, role: "agent", iat: IAT, exp: EXP },
		"eyJzdWIiOiJhZ2VudC00MiIsInNjb3BlIjp7InByb2plY3QiOiJteXByb2plY3QifSwicm9sZSI6ImFnZW50IiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9.syvbCZDXpB80AVRkLTQFr5wZuQ-VmbCaQ9M7CMKnGXA",
	],
	[
		"T3",
		{ sub: "ci", scope: { project: "p", agent: "bot", user: "alice" }, role: "operator", iat: IAT, exp: EXP },
		"eyJzdWIiOiJjaSIsInNjb3BlIjp7InByb2plY3QiOiJwIiwiYWdlbnQiOiJib3QiLCJ1c2VyIjoiYWxpY2UifSwicm9sZSI6Im9wZXJhdG9yIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9.CwEOS4PeRy5f-l4Yb0tCkAw3k0SADjkkl2jGKjSJ1pI",
	],
	[
		"T4",
		{ sub: "token:readonly", scope: EVERYTHING, role: "readonly", iat: IAT, exp: 1_767_225_660 },
		"eyJzdWIiOiJ0b2tlbjpyZWFkb25seSIsInNjb3BlIjp7fSwicm9sZSI6InJlYWRvbmx5IiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjU2NjB9.C0kMtJZms6QWzqdywht2YS-VoetWZkn0KhSt3uXORos",
	],
	[
		"T5",
		{ sub: "üser", scope: EVERYTHING, role: "agent", iat: IAT, exp: EXP },
		"eyJzdWIiOiLDvHNlciIsInNjb3BlIjp7fSwicm9sZSI6ImFnZW50IiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9.i4cqltASdQ34bsZr88M8tRH-EqAQf01zxbln8xpr_Vs",
	],
];
const [[, , T1 = ""] = []] = VECTORS;
const [FIRST = "", SECOND = ""] = T1.split(".");

describe("tokens of the earlier daemon", () => {
	test.each(VECTORS)("%s is made byte for byte", (_name, claims, token) => {
		expect(signToken(claims, VECTOR_KEY)).toBe(token);
	});

	test.each(VECTORS.filter(([name]) => name !== "T4"))("%s holds", (_name, claims, token) => {
		expect(verifyToken(token, [VECTOR_KEY], NOW_S)).toEqual({ claims });
	});

	test("are over in the second that they name", () => {
		const [, , , [, claims, token] = []] = VECTORS;
		if (!claims || !token) throw new Error("there is no T4");
		expect(verifyToken(token, [VECTOR_KEY], claims.exp - 0.001).claims).toEqual(claims);
		expect(verifyToken(token, [VECTOR_KEY], claims.exp).problem).toBe("token expired");
	});

	test("may end between two seconds", () => {
		const claims: Claims = { sub: "a", scope: EVERYTHING, role: "agent", iat: IAT, exp: NOW_S + 0.5 };
		expect(verifyToken(signToken(claims, VECTOR_KEY), [VECTOR_KEY], NOW_S).claims).toEqual(claims);
	});
});

describe("what is no token is refused in the words of the earlier daemon", () => {
	test.each([
		["abc", "malformed token"],
		["", "malformed token"],
		[`${FIRST}.`, "malformed token"],
		[`.${SECOND}`, "invalid signature"],
		[`${T1}.zzz`, "invalid signature"],
		["e25vcGU.WwooiCl0xAcp2X_Htoqkz_nIUMHWq8waJgn_cQzFyX4", "malformed payload"],
		[
			"eyJzdWIiOiJhIiwic2NvcGUiOnt9LCJyb2xlIjoiYWRtaW4iLCJpYXQiOjE3NjcyMjU2MDB9.O08lsLUJgvcSoqXgxNhFgR7WsBZOt6J1LJe8aVDwQpI",
			"missing timestamps",
		],
		[signText('{"sub":"a","scope":{},"role":"admin","iat":1767225600,"exp":"4102444800"}'), "missing timestamps"],
		[signText('{"sub":"a","scope":{},"role":"admin","iat":1767225600,"exp":1e999}'), "missing timestamps"],
	])("%p: %s", (token, problem) => {
		expect(problemOf(token)).toBe(problem);
	});

	test("with another key", () => {
		expect(problemOf(T1, new Uint8Array(32))).toBe("invalid signature");
	});
});

describe("what the earlier daemon took and no longer holds", () => {
	test.each([
		["padding", `${T1}=`],
		["a blank", `${T1} `],
		["another last character for the same bytes", `${T1.slice(0, -1)}F`],
		[
			"the other alphabet",
			signToken({ ...claimsWith({ sub: "a-_?" }) }, VECTOR_KEY).replace(/[-_]/g, (c) => (c === "-" ? "+" : "/")),
		],
		["a payload of null", signText("null")],
		["a payload that is a list", signText("[]")],
		["bytes that are no text", `${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.x`],
		["an unknown role", signText('{"sub":"a","scope":{},"role":"ghost","iat":1767225600,"exp":4102444800}')],
		["no subject", signText('{"scope":{},"role":"agent","iat":1767225600,"exp":4102444800}')],
		["an empty subject", signText('{"sub":"","scope":{},"role":"agent","iat":1767225600,"exp":4102444800}')],
		["a scope as text", signText('{"sub":"a","scope":"p","role":"agent","iat":1767225600,"exp":4102444800}')],
		["no scope", signText('{"sub":"a","role":"agent","iat":1767225600,"exp":4102444800}')],
		[
			"a mistyped scope",
			signText('{"sub":"a","scope":{"projct":"p"},"role":"agent","iat":1767225600,"exp":4102444800}'),
		],
		[
			"an empty scope part",
			signText('{"sub":"a","scope":{"project":""},"role":"agent","iat":1767225600,"exp":4102444800}'),
		],
		[
			"a time that has not come",
			signText(`{"sub":"a","scope":{},"role":"agent","iat":${NOW_S + 61},"exp":4102444800}`),
		],
		["half a second", signText('{"sub":"a","scope":{},"role":"agent","iat":1767225600.5,"exp":4102444800}')],
		[
			"an id that is no text",
			signText('{"sub":"a","scope":{},"role":"agent","iat":1767225600,"exp":4102444800,"jti":1}'),
		],
	])("%s", (_name, token) => {
		expect(problemOf(token)).toBeString();
	});

	test("a token that anybody could make, since the key is empty", () => {
		expect(problemOf(signText(Buffer.from(FIRST, "base64url").toString(), new Uint8Array(0)))).toBe(
			"invalid signature",
		);
	});

	test("one that is longer than any of ours", () => {
		expect(problemOf(signText(JSON.stringify(claimsWith({ sub: "a".repeat(9_000) }))))).toBe("malformed token");
	});
});

function claimsWith(some: Partial<Claims>): Claims {
	return { sub: "a", scope: EVERYTHING, role: "agent", iat: IAT, exp: EXP, ...some };
}

const part = fc.option(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }), { nil: undefined });
const anyClaims = fc
	.record({
		sub: fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).filter((sub) => sub.length <= 128),
		role: fc.constantFrom(...ROLES),
		project: part,
		agent: part,
		user: part,
		jti: fc.option(fc.uuid(), { nil: undefined }),
		lastsS: fc.integer({ min: 1, max: 1_000_000 }),
	})
	.map(({ sub, role, project, agent, user, jti, lastsS }): Claims => {
		const scope = { ...(project && { project }), ...(agent && { agent }), ...(user && { user }) };
		return { sub, scope, role, iat: NOW_S, exp: NOW_S + lastsS, ...(jti && { jti }) };
	});

describe("a token", () => {
	test("says what it was made to say, with whichever key made it", () => {
		fc.assert(
			fc.property(anyClaims, fc.uint8Array({ minLength: 32, maxLength: 32 }), (claims, key) => {
				expect(verifyToken(signToken(claims, key), [VECTOR_KEY, key], NOW_S)).toEqual({ claims });
			}),
		);
	});

	test("does not hold with any character changed, added or left out", () => {
		fc.assert(
			fc.property(
				anyClaims,
				fc.nat(),
				fc.constantFrom(..."AZaz09-_.=+/ "),
				fc.constantFrom(0, 1),
				(claims, seed, put, cut) => {
					const token = signToken(claims, VECTOR_KEY);
					const at = seed % (token.length + 1 - cut);
					const changed = token.slice(0, at) + put + token.slice(at + cut);
					fc.pre(changed !== token);
					expect(problemOf(changed)).toBeString();
					const shortened = token.slice(0, at) + token.slice(at + 1);
					if (at < token.length) expect(problemOf(shortened)).toBeString();
				},
			),
			{ numRuns: 500 },
		);
	});

	test("is never taken from anything else", () => {
		fc.assert(
			fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String()), (text) => {
				expect(problemOf(text)).toBeString();
				expect(problemOf(`${text}.${text}`)).toBeString();
				expect(problemOf(signText(text))).toBeString();
			}),
		);
	});
});
