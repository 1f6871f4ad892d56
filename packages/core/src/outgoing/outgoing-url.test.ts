import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OWNER, parseOutgoingUrl, shownUrl } from "./outgoing-url.ts";
import { RefusedAddress } from "./refused-address.ts";

describe("a stranger's address", () => {
	test.each([
		["https://example.com", "https://example.com/"],
		["http://example.com:80/a?b#c", "http://example.com/a?b"],
		["https://example.com:443/", "https://example.com/"],
		["HTTPS://EXAMPLE.com./x", "https://example.com./x"],
		["https://bücher.example/", "https://xn--bcher-kva.example/"],
	])("%p may be asked", (text, href) => {
		expect(parseOutgoingUrl(text).href).toBe(href);
	});

	test.each([
		"file:///etc/passwd",
		"FILE:///etc/passwd",
		" file:///etc/passwd",
		"fi\tle:///etc/passwd",
		"data:text/plain,x",
		"blob:https://example.com/x",
		"ftp://example.com/",
		"gopher://example.com/",
		"ws://example.com/",
		"javascript:alert(1)",
		"s3://bucket/x",
		"unix:///var/run/docker.sock",
		"http+unix://x",
		"//example.com",
		"example.com",
		"",
		"http://",
		"http://example.com:22/",
		"http://example.com:8080/",
		"http://example.com:0/",
		"https://ana@example.com/",
		"https://ana:word@example.com/",
		"https://:word@example.com/",
		`https://example.com/${"x".repeat(4_000)}`,
	])("%p may not", (text) => {
		expect(() => parseOutgoingUrl(text)).toThrow(RefusedAddress);
	});
});

test("ports that are configured may be asked, and the owner may name any", () => {
	expect(parseOutgoingUrl("http://example.com:8080/", { ports: [8080] }).port).toBe("8080");
	expect(() => parseOutgoingUrl("http://example.com:8081/", { ports: [8080] })).toThrow(RefusedAddress);
	expect(parseOutgoingUrl("http://localhost:11434", OWNER).port).toBe("11434");
	expect(() => parseOutgoingUrl("file:///etc/passwd", OWNER)).toThrow(RefusedAddress);
});

test("what is shown has neither password nor query", () => {
	expect(shownUrl("https://ana:word@example.com/a?token=x#y")).toBe("https://example.com/a");
});

test("whatever is accepted is http or https, to a port of the web, without a user name", () => {
	const piece = fc.oneof(
		fc.constantFrom(
			"http",
			"https",
			"file",
			":",
			"/",
			"//",
			"@",
			"#",
			"?",
			"\\",
			"[::1]",
			":22",
			":80",
			"a",
			".",
			"%00",
		),
		fc.string({ unit: "binary", maxLength: 3 }),
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
			let url: URL;
			try {
				url = parseOutgoingUrl(pieces.join(""));
			} catch (error) {
				expect(error).toBeInstanceOf(RefusedAddress);
				return;
			}
			expect(url.href).toMatch(/^https?:\/\/[^/@:]+(?::(?:80|443))?\/|^https?:\/\/\[[0-9a-f:.]+\](?::(?:80|443))?\//);
		}),
		{ seed: 5, numRuns: 5_000 },
	);
});

test("the owner may write a password into an address, and it is shown to nobody", () => {
	expect(parseOutgoingUrl("http://ana:word@nas:11434/", OWNER).password).toBe("word");
	expect(() => parseOutgoingUrl("http://ana:word@nas:11434/", { ...OWNER, mayHavePassword: false })).toThrow(
		"http://nas:11434/ is not asked",
	);
});
