import { describe, expect, test } from "bun:test";
import { RequestError } from "@signet/core";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";
import { ANSWER_LIMITS, type AnswerLimits, OutgoingAnswers } from "./outgoing-answers.ts";

const LONG = "é".repeat(100_000);

function answers(
	world: SeededWorld,
	limits: Partial<AnswerLimits> = {},
	onBrokenOff?: (reason: string, count: number) => void,
) {
	return new OutgoingAnswers(world, { ...ANSWER_LIMITS, ...limits }, onBrokenOff);
}

/** Somebody who reads an answer, as far as the test says so. */
function readerOf(body: string | ReadableStream<Uint8Array>) {
	if (typeof body === "string") throw new Error("it is small");
	return body.getReader();
}

const codeOf = (work: () => unknown): string | undefined => {
	try {
		work();
		return undefined;
	} catch (error) {
		return error instanceof RequestError ? error.code : String(error);
	}
};

describe("an answer", () => {
	test("that is small is sent as it is, and not counted", () => {
		const outgoing = answers(seededWorld());
		expect(outgoing.whole("small")).toBe("small");
		expect(outgoing.count).toBe(0);
	});

	test("that is large arrives whole, and is counted until it is read", async () => {
		const outgoing = answers(seededWorld());
		const body = outgoing.whole(LONG);
		expect([outgoing.count, outgoing.bytes]).toEqual([1, 200_000]);
		expect(await new Response(body).text()).toBe(LONG);
		expect([outgoing.count, outgoing.bytes]).toEqual([0, 0]);
	});

	test("that comes in pieces is held by the piece", async () => {
		async function* pieces() {
			yield "[1";
			yield ",2]";
		}
		const outgoing = answers(seededWorld());
		const reader = readerOf(outgoing.pieces(pieces()));
		expect([outgoing.count, outgoing.bytes]).toEqual([1, 0]);
		expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("[1");
		expect(outgoing.bytes).toBe(2);
		expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(",2]");
		expect((await reader.read()).done).toBe(true);
		expect([outgoing.count, outgoing.bytes]).toEqual([0, 0]);
	});

	test("that nobody wants any more is let go of, and nothing more of it is made", async () => {
		let isEnded = false;
		async function* pieces() {
			try {
				while (true) yield "x";
			} finally {
				isEnded = true;
			}
		}
		const outgoing = answers(seededWorld());
		const reader = readerOf(outgoing.pieces(pieces()));
		await reader.read();
		await reader.cancel();
		expect([isEnded, outgoing.count]).toEqual([true, 0]);
	});

	test("that cannot be made to its end is let go of", async () => {
		// biome-ignore lint/correctness/useYield: it fails before it has anything to give.
		async function* pieces(): AsyncGenerator<string> {
			throw new Error("the disk is gone");
		}
		const outgoing = answers(seededWorld());
		await expect(readerOf(outgoing.pieces(pieces())).read()).rejects.toThrow("the disk is gone");
		expect(outgoing.count).toBe(0);
	});

	test("that is read too slowly is broken off; a larger one may take longer", async () => {
		const world = seededWorld();
		const told: string[] = [];
		const outgoing = answers(world, { baseMs: 1_000, bytesPerMs: 100 }, (reason) => told.push(reason));
		const slow = readerOf(outgoing.whole(LONG));
		const larger = readerOf(outgoing.whole(LONG + LONG));
		await slow.read();
		await world.advance(4_100);
		await expect(slow.read()).rejects.toBeUndefined();
		expect((await larger.read()).done).toBe(false);
		expect(told).toEqual(["it was read too slowly"]);
		expect(outgoing.count).toBe(1);
	});
});

describe("more than may be held", () => {
	test("is not answered, and what has been at it long makes room", async () => {
		const world = seededWorld();
		const outgoing = answers(world, { maxBytesTogether: 500_000 });
		const oldest = readerOf(outgoing.whole(LONG));
		outgoing.whole(LONG);
		expect(codeOf(() => outgoing.whole(LONG))).toBe("busy");
		expect([outgoing.count, outgoing.bytes]).toEqual([2, 400_000]);
		await world.advance(ANSWER_LIMITS.youthMs + 1);
		expect(codeOf(() => outgoing.whole(LONG))).toBeUndefined();
		await expect(oldest.read()).rejects.toBeUndefined();
		expect([outgoing.count, outgoing.bytes]).toEqual([2, 400_000]);
	});

	test("is not that of one alone", () => {
		const outgoing = answers(seededWorld(), { maxBytesTogether: 100_000 });
		expect(codeOf(() => outgoing.whole(LONG))).toBeUndefined();
	});

	test("is no more in number either", async () => {
		const outgoing = answers(seededWorld(), { maxAnswers: 2 });
		const readers = [1, 2, 3].map(() => readerOf(outgoing.whole(LONG)));
		await expect(readers[0]?.read()).rejects.toBeUndefined();
		expect(outgoing.count).toBe(2);
	});
});

test("of a daemon: whoever reads nothing has little held for them, and others go on", async () => {
	await using running = await temporaryDaemon("embedding:\n  provider: none\n");
	for (let at = 0; at < 40; at++) {
		const content = `memory ${at} ${"words that go on ".repeat(6_000)}`;
		expect((await running.send("POST", "/api/memory/remember", { content })).status).toBe(200);
	}
	const list = "/api/memories?limit=100";
	const bytes = (await running.send("GET", list)).text.length;
	expect(bytes).toBeGreaterThan(2_000_000);
	expect((await running.send("HEAD", list)).text).toBe("");
	const { hostname, port } = new URL(running.daemon.url);
	const before = process.memoryUsage().rss;
	const idle = await Promise.all(
		Array.from({ length: 150 }, async () => {
			const socket = await Bun.connect({ hostname, port: Number(port), socket: { data: () => undefined } });
			socket.pause();
			socket.write(`GET ${list} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
			return socket;
		}),
	);
	// As soon as the others are no longer young.
	let answered = await running.send("GET", list);
	for (let tries = 0; answered.status === 503 && tries < 60; tries++) {
		await Bun.sleep(500);
		answered = await running.send("GET", list);
	}
	expect(answered.text.length).toBe(bytes);
	// Without a limit it would be all of it, however long one waits; what was only let go is given back sooner or later.
	let held = Number.POSITIVE_INFINITY;
	for (let tries = 0; held > (150 * bytes) / 2 && tries < 60; tries++) {
		await Bun.sleep(250);
		Bun.gc(true);
		held = process.memoryUsage().rss - before;
	}
	expect(held).toBeLessThan((150 * bytes) / 2);
	for (const socket of idle) socket.terminate();
}, 60_000);
