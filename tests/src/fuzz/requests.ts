import fc, { type Arbitrary } from "fast-check";
import type { FuzzedRoute } from "./routes.ts";

/** A request as it goes over the wire. */
export interface FuzzedRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array | undefined;
}

/** Texts that have made programs stumble. */
const NAUGHTY = [
	"",
	" ",
	"null",
	"undefined",
	"NaN",
	"Infinity",
	"-0",
	"1e309",
	"9007199254740993",
	"-1",
	"0",
	"true",
	"__proto__",
	"constructor",
	"toString",
	"../../etc/passwd",
	"%2e%2e%2f",
	"%",
	"%zz",
	"%00",
	"\0",
	"\n",
	"\u202e",
	"\ud800",
	"\ufeff",
	"'; DROP TABLE memories; --",
	'" OR 1=1 --',
	"* NEAR(a b)",
	'"unbalanced',
	"AND OR NOT",
	"$(jndi:ldap://x)",
	"{{7*7}}",
	"<script>",
	"2026-13-45T99:99:99Z",
	"0000-00-00",
	"+275760-09-13T00:00:00.001Z",
	"x".repeat(3_999),
	"x".repeat(4_001),
	"👩‍👩‍👧‍👦".repeat(50),
	"a,".repeat(500),
] as const;

const text = fc.oneof(fc.constantFrom(...NAUGHTY), fc.string({ unit: "binary", maxLength: 40 }), fc.uuid());
const number = fc.oneof(
	fc.integer(),
	fc.double(),
	fc.constantFrom(0, -0, -1, 1e308, 2 ** 53, -(2 ** 53), 2 ** 31, 2 ** 63, 0.1, 1e-320),
);
const value: Arbitrary<unknown> = fc.oneof(
	{ weight: 4, arbitrary: text },
	{ weight: 3, arbitrary: number },
	fc.boolean(),
	fc.constant(null),
	fc.array(text, { maxLength: 5 }),
	fc.array(fc.oneof(text, number, fc.constant(null)), { maxLength: 300 }),
	fc.jsonValue({ maxDepth: 3 }),
	fc.constantFrom("x".repeat(500_001), { toString: null }, [[[[[]]]]], { length: 1e9 }, { __proto__: null }),
);

/** Nothing that a shell would make something of, should a route hand it to one. */
const COMMANDS = fc.constantFrom<unknown>("true", "exit 3", "", " ", null, 7, [], ["true"], {}, "x".repeat(5_000));
const COMMAND_FIELDS = ["command", "argv", "cwd", "source"];

const HEADERS = fc.dictionary(
	fc.constantFrom(
		"content-type",
		"content-encoding",
		"accept",
		"accept-encoding",
		"authorization",
		"cookie",
		"range",
		"if-none-match",
		"if-modified-since",
		"x-signet-actor",
		"x-signet-actor-type",
		"x-signet-session-id",
		"x-forwarded-for",
		"x-http-method-override",
		"expect",
		"upgrade",
		"te",
	),
	fc.constantFrom(
		"",
		"application/json",
		"multipart/form-data",
		"text/plain;charset=utf-99",
		"gzip",
		"bytes=0-",
		"Bearer x",
		"a".repeat(2_000),
		"%00",
		"*/*;q=2",
		"operator",
	),
	{ maxKeys: 4 },
);

/** Requests to the routes, malformed in every way that still is HTTP; `ids` are of what is there. */
export function requestsTo(routes: readonly FuzzedRoute[], ids: readonly string[]): Arbitrary<FuzzedRequest> {
	return fc.oneof(
		{ weight: 20, arbitrary: fc.constantFrom(...routes).chain((route) => requestTo(route, ids)) },
		{ weight: 1, arbitrary: elsewhere(routes) },
	);
}

function requestTo(
	{ method, path, query, fields, hasBody }: FuzzedRoute,
	ids: readonly string[],
): Arbitrary<FuzzedRequest> {
	const part = fc.oneof(fc.constantFrom(...ids, "memory"), text.map(encoded));
	const names = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("limit", ...query) }, text);
	return fc
		.record({
			parts: fc.array(part, { minLength: 4, maxLength: 4 }),
			query: fc.array(fc.tuple(names, fc.oneof(text, number.map(String), fc.constantFrom(...ids))), { maxLength: 5 }),
			headers: HEADERS,
			body: hasBody ? bodyOf(fields, ids) : fc.constant(undefined),
		})
		.map((made) => {
			let at = 0;
			const place = path.replace(/\{\w+\}/g, () => made.parts[at++] ?? "");
			const asked = made.query.map(([name, given]) => `${encoded(name)}=${encoded(given)}`).join("&");
			// A server waits for what such a request promises.
			const headers = hasBody ? made.headers : { ...made.headers, expect: "" };
			return { method, path: asked === "" ? place : `${place}?${asked}`, headers, body: made.body };
		});
}

function elsewhere(routes: readonly FuzzedRoute[]): Arbitrary<FuzzedRequest> {
	const paths = fc.oneof(
		fc.constantFrom(...routes).map(({ path }) => path),
		fc.array(text.map(encoded), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
	);
	const methods = fc.constantFrom("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "POST", "GET");
	return fc.record({ method: methods, path: paths, headers: HEADERS, body: fc.constant(undefined) });
}

function bodyOf(fields: readonly string[], ids: readonly string[]): Arbitrary<Uint8Array> {
	const nested = fc.oneof(
		value,
		fc.array(fc.dictionary(fc.constantFrom("id", "kind", "key", "row", "memory", ...fields), value), { maxLength: 4 }),
	);
	const known = fields.filter((name) => !COMMAND_FIELDS.includes(name));
	const usual = fc.dictionary(
		fc.oneof({ weight: 8, arbitrary: fc.constantFrom("content", ...known) }, text),
		fc.oneof({ weight: 4, arbitrary: nested }, fc.constantFrom(...ids, "a memory of the fuzzer")),
		{ maxKeys: 7 },
	);
	const commands = fc.dictionary(
		fc.constantFrom("command", ...fields.filter((name) => COMMAND_FIELDS.includes(name))),
		COMMANDS,
	);
	const object = fc.tuple(usual, fields.some((name) => COMMAND_FIELDS.includes(name)) ? commands : fc.constant({}));
	const json = fc.oneof({ weight: 6, arbitrary: object.map(([first, second]) => ({ ...first, ...second })) }, value);
	const written = json.map((each) => JSON.stringify(each) ?? "");
	return fc.oneof(
		{ weight: 12, arbitrary: written.map(bytesOf) },
		{ weight: 2, arbitrary: fc.tuple(written, fc.nat(200)).map(([whole, length]) => bytesOf(whole.slice(0, length))) },
		fc.uint8Array({ maxLength: 60 }),
		fc
			.constantFrom(
				"",
				"{",
				"[",
				"[".repeat(5_000),
				'{"a":'.repeat(2_000),
				"\ufeff{}",
				"{}{}",
				'{"content":"a","content":1}',
			)
			.map(bytesOf),
	);
}

function encoded(given: string): string {
	return encodeURIComponent(given.toWellFormed());
}

function bytesOf(given: string): Uint8Array {
	return Buffer.from(given);
}
