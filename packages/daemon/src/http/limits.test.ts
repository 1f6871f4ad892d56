import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { invalidRequest, RequestError } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { realWorld } from "@signet/core/world";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";
import { Bodies, MAX_BODY_BYTES } from "./body.ts";

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
		["a body", () => temporary.send("POST", "/api/memory/recall", "x".repeat(MAX_BODY_BYTES + 1)), 413, "too_large"],
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

/** A request whose body comes when it is told to. */
function sending() {
	let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
	const body = new ReadableStream<Uint8Array>({
		start(given) {
			controller = given;
		},
	});
	return {
		request: new Request("http://localhost/", { method: "POST", body }),
		send: (bytes: number) => controller?.enqueue(new Uint8Array(bytes).fill(0x20)),
		sendText: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
		end: () => controller?.close(),
	};
}

const codeOf = (promise: Promise<unknown>) =>
	promise.then(
		() => "read",
		(error: unknown) => (error instanceof RequestError ? error.code : String(error)),
	);

describe("bodies", () => {
	test("that come a byte at a time are given up after a minute", async () => {
		const world = seededWorld();
		const slow = sending();
		const reading = codeOf(new Bodies(world.timers).readJson(slow.request));
		for (let second = 0; second < 59; second++) {
			slow.send(1);
			await world.advance(1_000);
		}
		slow.send(1);
		await world.advance(1_000);
		expect(await reading).toBe("too_slow");
		expect(world.pendingTimers).toBe(0);
	});

	test("share a limit, and what one gives back another one gets", async () => {
		const bodies = new Bodies(realWorld.timers);
		const large = Array.from({ length: 6 }, () => sending());
		const readings = large.map(({ request }) => codeOf(bodies.readJson(request)));
		for (const { send } of large) send(MAX_BODY_BYTES);
		await realWorld.timers.yield();
		const further = sending();
		const refused = codeOf(bodies.readJson(further.request));
		further.send(MAX_BODY_BYTES);
		expect(await refused).toBe("busy");
		for (const { sendText, end } of large) {
			sendText("");
			end();
		}
		// They were all blanks.
		for (const reading of readings) expect(await reading).toBe(invalidRequest("").code);
		const last = sending();
		const reading = codeOf(bodies.readJson(last.request));
		last.sendText(`"${"x".repeat(MAX_BODY_BYTES - 2)}"`);
		last.end();
		expect(await reading).toBe("read");
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
