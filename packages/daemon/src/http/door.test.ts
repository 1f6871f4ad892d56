import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

let temporary: TemporaryDaemon;
let port: number;
let routes: { method: string; path: string }[];

beforeAll(async () => {
	temporary = await temporaryDaemon();
	port = Number(new URL(temporary.daemon.url).port);
	const { paths } = (await temporary.send("GET", "/openapi.json")).json as { paths: Record<string, object> };
	routes = Object.entries(paths).flatMap(([path, operations]) =>
		Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, "x") })),
	);
	routes.push({ method: "GET", path: "/openapi.json" }, { method: "GET", path: "/nothing" });
});
afterAll(() => temporary[Symbol.asyncDispose]());

describe("no route answers", () => {
	test.each([
		["a page of another origin", { origin: "https://evil.example" }],
		["a page of another port of this machine", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
		["a sandboxed page", { origin: "null" }],
		["a name that was bent to this machine", { host: "attacker.example" }],
		["what another site embeds", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
		[
			"a link from another site",
			{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
		],
		["a preflight of another origin", { origin: "https://evil.example", "access-control-request-method": "POST" }],
	])("%s", async (_, headers) => {
		expect(routes.length).toBeGreaterThan(30);
		for (const { method, path } of routes) {
			const sent = "access-control-request-method" in headers ? "OPTIONS" : method;
			const body = sent === "GET" || sent === "OPTIONS" ? undefined : {};
			const answer = await temporary.send(sent, path, body, headers);
			expect({ path, status: answer.status, code: answer.json.code }).toEqual({
				path,
				status: 403,
				code: "forbidden_origin",
			});
			expect(answer.headers.get("access-control-allow-origin")).toBeNull();
			expect(answer.headers.get("access-control-allow-private-network")).toBeNull();
		}
	});
});

describe("every answer protects itself", () => {
	test.each([
		["the page", "/", {}],
		["JSON", "/health", {}],
		["a refusal", "/api/memory/recall", { origin: "https://evil.example" }],
		["what is not there", "/nothing", {}],
		["a mistake", "/api/memory/search", {}],
	])("%s", async (what, path, headers) => {
		const answer = await temporary.send("GET", path, undefined, headers);
		const policy = answer.headers.get("content-security-policy") ?? "";
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).toContain("base-uri 'none'");
		expect(policy).toContain("form-action 'none'");
		expect(policy.includes("sandbox")).toBe(what !== "the page");
		expect(policy).not.toMatch(/unsafe|\*|https?:/);
		expect(Object.fromEntries(answer.headers)).toMatchObject({
			"x-content-type-options": "nosniff",
			"x-frame-options": "DENY",
			"referrer-policy": "no-referrer",
			"cross-origin-resource-policy": "same-origin",
			"cross-origin-opener-policy": "same-origin",
			"cache-control": "no-store",
		});
		expect(answer.headers.get("vary")).toContain("Origin");
	});
});

describe("a preflight", () => {
	const preflight = (headers: Record<string, string>) =>
		temporary.send("OPTIONS", "/api/memory/remember", undefined, headers);

	test("of an allowed origin is told what it may send, and that it may reach a private network", async () => {
		const { status, headers } = await preflight({
			origin: "http://localhost:5173",
			"access-control-request-method": "POST",
			"access-control-request-headers": "content-type, x-signet-actor",
			"access-control-request-private-network": "true",
		});
		expect(status).toBe(204);
		expect(Object.fromEntries(headers)).toMatchObject({
			"access-control-allow-origin": "http://localhost:5173",
			"access-control-allow-headers": "content-type, x-signet-actor",
			"access-control-allow-private-network": "true",
		});
		for (const name of ["Origin", "Access-Control-Request-Headers"]) expect(headers.get("vary")).toContain(name);
		expect(headers.get("access-control-allow-credentials")).toBeNull();
	});

	test("of a program is told nothing", async () => {
		const { status, headers } = await preflight({ "access-control-request-private-network": "true" });
		expect(status).toBe(204);
		expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
	});

	test("is not answered with what is no list of headers", async () => {
		const origin = "http://localhost:5173";
		const { headers } = await preflight({ origin, "access-control-request-headers": "a; b <script>" });
		expect(headers.get("access-control-allow-headers")).toBeNull();
	});
});

/** What comes back for bytes as they are, up to the end of the connection or the first answer. */
function raw(request: string): Promise<string> {
	return new Promise((resolve, reject) => {
		let answer = "";
		const socket = connect(port, "127.0.0.1", () => socket.write(request));
		socket.on("data", (bytes) => {
			answer += bytes;
			if (answer.includes("\r\n\r\n")) socket.end();
		});
		socket.on("close", () => resolve(answer));
		socket.on("error", reject);
	});
}

test.each(["localhost:99999", "[::1]:99999", "::1", "127.08.0.1", "127.999.0.1"])(
	"a host that is no part of an address, %p, is no failure of ours",
	async (host) => {
		const answer = await raw(`GET /api/memories?limit=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
		expect(answer).toMatch(/^HTTP\/1\.1 (?:200|403) /);
	},
);

describe("whoever speaks HTTP in other ways", () => {
	test.each([
		["no host at all", "GET /health HTTP/1.1\r\n\r\n"],
		["an empty host", "GET /health HTTP/1.1\r\nHost: \r\n\r\n"],
		["two hosts, ours first", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"],
		["two hosts, ours last", "GET /health HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n\r\n"],
		[
			"two origins",
			"GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: tauri://localhost\r\nOrigin: https://evil.example\r\n\r\n",
		],
		["a host with a user name", "GET /health HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n"],
		["a host and more", "GET /health HTTP/1.1\r\nHost: localhost evil.example\r\n\r\n"],
		["a whole address of another host", "GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
		[
			"an origin in pieces",
			"GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n .evil.example\r\n\r\n",
		],
	])("gets nothing by %s", async (_, request) => {
		expect(await raw(request)).not.toMatch(/^HTTP\/1\.1 200|agentsDir/);
	});
});
