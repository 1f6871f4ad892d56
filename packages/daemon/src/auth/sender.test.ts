import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { senderOf, TrustedProxies } from "./sender.ts";

const PROXIES = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);
const from = (peer: string | undefined, headers: Record<string, string> = {}, proxies = PROXIES) =>
	senderOf({ peer, headers: new Headers({ host: "localhost:3850", ...headers }) }, proxies);

describe("from here is", () => {
	test.each([
		["127.0.0.1", "localhost:3850"],
		["127.9.9.9", "127.0.0.1:3850"],
		["::1", "[::1]:3850"],
		["::ffff:127.0.0.1", "LOCALHOST."],
	])("%s that asks for %s", (peer, host) => {
		expect(from(peer, { host }).isHere).toBe(true);
	});
});

describe("not from here is", () => {
	test.each([
		["another machine, whatever it calls us", "192.168.1.5", { host: "localhost" }],
		["another machine that has our name for itself", "::ffff:192.168.1.5", { host: "127.0.0.1" }],
		["an address that only begins like ours", "127.evil", {}],
		["who asks for another host", "127.0.0.1", { host: "signet.lan" }],
		["who asks for a host that begins like ours", "127.0.0.1", { host: "localhost.evil.example" }],
		["a connection of which nothing is known", undefined, {}],
		["a proxy on this machine", "127.0.0.1", { "x-forwarded-for": "127.0.0.1" }],
		["a proxy on this machine that says it otherwise", "127.0.0.1", { forwarded: "for=127.0.0.1" }],
		["a proxy that names the host alone", "127.0.0.1", { "x-forwarded-host": "localhost" }],
		["a proxy that names nothing but itself", "127.0.0.1", { via: "1.1 proxy" }],
		["a proxy of another kind", "127.0.0.1", { "x-real-ip": "127.0.0.1" }],
	])("%s", (_name, peer, headers) => {
		expect(from(peer, headers).isHere).toBe(false);
	});

	test("a proxy that is trusted, with and without a word of whom it forwards for", () => {
		const here = new TrustedProxies(["127.0.0.1"]);
		expect(from("127.0.0.1", {}, here).isHere).toBe(false);
		expect(from("127.0.0.1", { "x-forwarded-for": "127.0.0.2" }, here).isHere).toBe(false);
	});
});

describe("the address", () => {
	test("is that of the connection", () => {
		expect(from("203.0.113.9", { "x-forwarded-for": "198.51.100.1" }).address).toBe("203.0.113.9");
		expect(from("::ffff:203.0.113.9").address).toBe("203.0.113.9");
		expect(from(undefined).address).toBe("unknown");
	});

	test("is the last one that no trusted proxy has added, where such a one forwards", () => {
		const hops = "198.51.100.1, 203.0.113.9, 10.1.2.3";
		expect(from("192.0.2.7", { "x-forwarded-for": hops }).address).toBe("203.0.113.9");
		expect(from("fd12::1", { "x-forwarded-for": "nonsense, 203.0.113.9" }).address).toBe("203.0.113.9");
	});

	test("is that of the proxy, when it says nothing that could be one", () => {
		expect(from("10.0.0.1", { "x-forwarded-for": "unknown, 10.0.0.2" }).address).toBe("10.0.0.1");
	});
});

test("nothing that a request says of itself makes it come from here", () => {
	const names = ["host", "forwarded", "x-forwarded-for", "x-real-ip", "via", "origin", "x-forwarded-host"];
	const values = fc.constantFrom("localhost", "127.0.0.1", "::1", "[::1]:3850", "for=127.0.0.1");
	fc.assert(
		fc.property(fc.dictionary(fc.constantFrom(...names), values), fc.ipV4(), (headers, peer) => {
			fc.pre(!peer.startsWith("127."));
			expect(from(peer, headers).isHere).toBe(false);
		}),
	);
});

test.each(["10.0.0.0/33", "10.0.0", "proxy.lan", "", "10.0.0.1/", "::1/129", "10.0.0.1/x"])(
	"%p is no place of a proxy",
	(place) => {
		expect(() => new TrustedProxies([place])).toThrow("is no address");
	},
);
