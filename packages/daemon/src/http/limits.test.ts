import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";
import { BODY_LIMITS } from "./incoming-bodies.ts";

let temporary: TemporaryDaemon;
beforeAll(async () => {
	temporary = await temporaryDaemon();
});
afterAll(() => temporary[Symbol.asyncDispose]());

describe("too much is refused in words", () => {
	test.each([
		["an address", () => temporary.send("GET", `/health?${"x".repeat(9_000)}`), 414, "uri_too_long"],
		["a path", () => temporary.send("GET", `/${"x".repeat(9_000)}`), 414, "uri_too_long"],
		["parameters", () => temporary.send("GET", `/health?${"a=1&".repeat(200)}`), 400, "invalid_request"],
		[
			"a header",
			() => temporary.send("GET", "/health", undefined, { x: "y".repeat(13_000) }),
			431,
			"headers_too_large",
		],
		[
			"headers",
			() =>
				temporary.send(
					"GET",
					"/health",
					undefined,
					Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`x${n}`, "y"])),
				),
			431,
			"headers_too_large",
		],
		[
			"a body",
			() => temporary.send("POST", "/api/memory/recall", "x".repeat(BODY_LIMITS.maxBytes + 1)),
			413,
			"too_large",
		],
		[
			"a list",
			() => temporary.send("POST", "/api/memory/remember", { content: "x", tags: Array(1_001).fill("") }),
			400,
			"invalid_request",
		],
		[
			"a list of ids",
			() => temporary.send("POST", "/api/memory/forget", { ids: Array.from({ length: 1_001 }, String) }),
			400,
			"invalid_request",
		],
		[
			"nesting",
			() => temporary.send("POST", "/api/imports/x/complete", `{"account":${"[".repeat(600)}${"]".repeat(600)}}`),
			400,
			"invalid_request",
		],
	])("%s", async (_, send, status, code) => {
		const answer = await send();
		expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
		expect(answer.json.error).toMatch(/at most|deeper than/);
		expect(answer.text.length).toBeLessThan(500);
	});

	test("brackets in texts are none", async () => {
		const content = `${'\\"[{'.repeat(2_000)} as it stands`;
		const { status } = await temporary.send("POST", "/api/memory/remember", { content });
		expect(status).toBe(200);
	});
});

test("many who begin large bodies and do not end them hold no more memory than their share", async () => {
	const { hostname, port } = new URL(temporary.daemon.url);
	const before = process.memoryUsage().rss;
	const part = Buffer.alloc(1024 * 1024, 0x20);
	const sockets = await Promise.all(
		Array.from({ length: 60 }, async () => {
			const socket = connect(Number(port), hostname);
			socket.on("error", () => undefined);
			socket.on("data", () => undefined);
			const head = `POST /api/memory/recall HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${9 * part.length}\r\n\r\n`;
			socket.write(head);
			for (let sent = 0; sent < 8 && !socket.destroyed; sent++) {
				if (!socket.write(part))
					await Promise.race([new Promise((done) => socket.once("drain", done)), Bun.sleep(500)]);
			}
			return socket;
		}),
	);
	expect((await temporary.send("GET", "/health")).status).toBe(200);
	const grownMegabytes = (process.memoryUsage().rss - before) / 1024 / 1024;
	for (const socket of sockets) socket.destroy();
	// 480 MB were sent, by this very process.
	expect(grownMegabytes).toBeLessThan(300);
});
