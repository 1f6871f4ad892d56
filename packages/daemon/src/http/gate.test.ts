import { describe, expect, test } from "bun:test";
import { type GateRequest, isLoopbackHost, judgeRequest } from "./gate.ts";

const fromProgram: GateRequest = {
	method: "POST",
	path: "/api/memory/remember",
	host: "localhost:3850",
	origin: null,
	fetchSite: null,
	fetchMode: null,
	fetchDest: null,
};
const judge = (request: Partial<GateRequest>) =>
	judgeRequest({ ...fromProgram, ...request }, { host: "localhost", port: 3850, allowedHosts: ["box.tailnet"] });

test("programs get in", () => {
	expect(judge({})).toEqual({ isAllowed: true, origin: null });
});

describe("host", () => {
	test.each([
		"localhost:3850",
		"localhost",
		"LOCALHOST:3850",
		"localhost.:3850",
		"127.0.0.1:3850",
		"127.0.0.2:1",
		"[::1]:3850",
		"[::1]",
		"box.tailnet:3850",
	])("%p is answered", (host) => {
		expect(judge({ host }).isAllowed).toBe(true);
	});

	test.each([
		"attacker.example",
		"attacker.example:3850",
		"localhost.attacker.example",
		"127.0.0.1.attacker.example",
		"10.0.0.5:3850",
		"",
		null,
		"[::2]:3850",
		"localhost:3850@attacker.example",
		"127.999.0.1",
		"127.0.0.256:3850",
	])("%p is refused", (host) => {
		expect(judge({ host }).isAllowed).toBe(false);
	});
});

describe("origin", () => {
	test.each([
		"http://localhost:3850",
		"http://127.0.0.1:3850",
		"http://[::1]:3850",
		"http://localhost:5173",
		"tauri://localhost",
		"app://signet",
		"http://box.tailnet:3850",
		"http://LOCALHOST:3850",
	])("%p is let in and named in the answer", (origin) => {
		expect(judge({ origin, fetchSite: "same-origin" })).toEqual({ isAllowed: true, origin });
	});

	test.each([
		"https://evil.example",
		"null",
		"http://localhost:8080",
		"http://localhost.evil.example",
		"http://localhost:3850.evil.example",
		"https://localhost:3850",
		"http://localhost:3850/",
		"http://ana@localhost:3850",
		"http://evil.example#localhost:3850",
		"http://evil.example,http://localhost:3850",
		"http://localhost",
		"http://0.0.0.0:3850",
		"file://",
		"",
	])("%p is refused", (origin) => {
		expect(judge({ origin }).isAllowed).toBe(false);
	});
});

describe("without an origin", () => {
	test("what a browser sends for another site is refused", () => {
		expect(judge({ fetchSite: "cross-site", fetchMode: "no-cors", method: "GET" }).isAllowed).toBe(false);
		expect(judge({ fetchSite: "same-site" }).isAllowed).toBe(false);
	});

	test("what no browser says today is foreign", () => {
		expect(judge({ fetchSite: "CROSS-SITE" }).isAllowed).toBe(false);
		expect(judge({ fetchSite: "" }).isAllowed).toBe(false);
	});

	test("the same page and a typed address get in", () => {
		expect(judge({ fetchSite: "same-origin" }).isAllowed).toBe(true);
		expect(judge({ fetchSite: "none", method: "GET" }).isAllowed).toBe(true);
	});

	test("a link to the page may be followed, to anything else not", () => {
		const link = { fetchSite: "cross-site", fetchMode: "navigate", fetchDest: "document", method: "GET" };
		expect(judge({ ...link, path: "/" }).isAllowed).toBe(true);
		expect(judge({ ...link, path: "/api/memories" }).isAllowed).toBe(false);
		expect(judge({ ...link, path: "/", fetchDest: "iframe" }).isAllowed).toBe(false);
	});
});

test("addresses that only this machine reaches", () => {
	for (const host of ["localhost", "127.0.0.1", "::1", "[::1]", "127.1.2.3"]) expect(isLoopbackHost(host)).toBe(true);
	for (const host of ["0.0.0.0", "::", "192.168.0.2", "example.org"]) expect(isLoopbackHost(host)).toBe(false);
});

describe("an address that we were told to listen at", () => {
	const at = (host: string, request: Partial<GateRequest>) =>
		judgeRequest({ ...fromProgram, ...request }, { host, port: 3850, allowedHosts: [] }).isAllowed;

	test("is answered", () => {
		expect(at("10.0.0.5", { host: "10.0.0.5:3850" })).toBe(true);
		expect(at("10.0.0.5", { host: "10.0.0.6:3850" })).toBe(false);
		expect(at("10.0.0.5", { host: "10.0.0.5:3850", origin: "http://10.0.0.5:3850" })).toBe(true);
	});

	test("by any address of the machine, but by no name, when it is all of them", () => {
		for (const wildcard of ["0.0.0.0", "::"]) {
			expect(at(wildcard, { host: "10.0.0.5:3850" })).toBe(true);
			expect(at(wildcard, { host: "[fd00::5]:3850" })).toBe(true);
			expect(at(wildcard, { host: "attacker.example:3850" })).toBe(false);
			expect(at(wildcard, { host: "10.0.0.5:3850", origin: "http://attacker.example:3850" })).toBe(false);
		}
	});
});

test("browsers leave out the port that is the usual one", () => {
	const at80 = { host: "localhost", port: 80, allowedHosts: [] };
	const judgeOrigin = (origin: string) => judgeRequest({ ...fromProgram, host: "localhost", origin }, at80).isAllowed;
	expect(judgeOrigin("http://localhost")).toBe(true);
	expect(judgeOrigin("http://[::1]")).toBe(true);
	expect(judgeOrigin("http://localhost:3850")).toBe(false);
	expect(judgeOrigin("http://evil.example")).toBe(false);
});
