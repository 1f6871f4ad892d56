import { describe, expect, test } from "bun:test";
import { RequestError } from "@signet/core";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import fc from "fast-check";
import { BODY_LIMITS, type BodyLimits, IncomingBodies } from "./incoming-bodies.ts";

/** A request whose body comes when the test says so. */
function sending(length?: number) {
	let arrive: (size: number) => void = () => undefined;
	let end: () => void = () => undefined;
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			arrive = (size) => controller.enqueue(new Uint8Array(size).fill(120));
			end = () => controller.close();
		},
	});
	const headers = length === undefined ? {} : { "content-length": String(length) };
	return { request: new Request("http://x/", { method: "POST", body, headers }), arrive, end };
}

const outcomeOf = (read: Promise<Uint8Array>) =>
	read.then(
		(bytes) => bytes.length,
		(error: unknown) => (error instanceof RequestError ? error.code : String(error)),
	);

function bodies(
	world: SeededWorld,
	limits: Partial<BodyLimits> = {},
	onBrokenOff?: (reason: string, count: number) => void,
) {
	return new IncomingBodies(world, { ...BODY_LIMITS, ...limits }, onBrokenOff);
}

describe("a body", () => {
	test.each([undefined, 6])("is given whole, however it comes (declared length %p)", async (length) => {
		const incoming = bodies(seededWorld());
		const { request, arrive, end } = sending(length);
		const outcome = outcomeOf(incoming.read(request));
		arrive(4);
		arrive(2);
		end();
		expect(await outcome).toBe(6);
		expect(incoming.count).toBe(0);
	});

	test("that is said to be too large is refused before it comes", async () => {
		const { request } = sending(11_000_000);
		expect(await outcomeOf(bodies(seededWorld()).read(request))).toBe("too_large");
	});

	test("that becomes too large is refused as soon as it is", async () => {
		const { request, arrive } = sending();
		const outcome = outcomeOf(bodies(seededWorld(), { maxBytes: 10 }).read(request));
		arrive(8);
		arrive(8);
		expect(await outcome).toBe("too_large");
	});

	test("that does not come is not waited for; a large one may take longer", async () => {
		const world = seededWorld();
		const incoming = bodies(world, { baseMs: 5_000, bytesPerMs: 100 });
		const [small, large] = [sending(10), sending(1_000_000)];
		const outcomes = [outcomeOf(incoming.read(small.request)), outcomeOf(incoming.read(large.request))];
		await world.advance(4_000);
		expect(incoming.count).toBe(2);
		await world.advance(3_000);
		expect(await outcomes[0]).toBe("body_timeout");
		expect(incoming.count).toBe(1);
		await world.advance(10_000);
		expect(await outcomes[1]).toBe("body_timeout");
		expect(world.pendingTimers).toBe(0);
	});
});

describe("of too many", () => {
	test("the one that has been at it longest goes, and the newest gets in", async () => {
		const incoming = bodies(seededWorld(), { maxBodies: 3 });
		const all = Array.from({ length: 5 }, () => sending(10));
		const outcomes = all.map(({ request }) => outcomeOf(incoming.read(request)));
		for (const { arrive, end } of all.slice(2)) {
			arrive(10);
			end();
		}
		expect(await Promise.all(outcomes)).toEqual(["busy", "busy", 10, 10, 10]);
	});

	test("large ones the slow one goes; where all are quick, the newcomer has to come again", async () => {
		const world = seededWorld();
		const incoming = bodies(world, { maxBytesTogether: 2_000_000, smallBytes: 1_000, youthMs: 2_000 });
		const slow = outcomeOf(incoming.read(sending(900_000).request));
		await world.advance(3_000);
		const [quick, newcomer, tooMuch] = [sending(900_000), sending(900_000), sending(900_000)];
		const outcomes = [quick, newcomer, tooMuch].map(({ request }) => outcomeOf(incoming.read(request)));
		expect(await slow).toBe("busy");
		expect(await outcomes[2]).toBe("busy");
		for (const { arrive, end } of [quick, newcomer]) {
			arrive(900_000);
			end();
		}
		expect(await Promise.all(outcomes)).toEqual([900_000, 900_000, "busy"]);
	});

	test("those without a length are counted as they come", async () => {
		const world = seededWorld();
		const incoming = bodies(world, { maxBytesTogether: 20_000, smallBytes: 1_000 });
		const [first, second] = [sending(), sending()];
		const outcomes = [outcomeOf(incoming.read(first.request)), outcomeOf(incoming.read(second.request))];
		first.arrive(15_000);
		await world.advance(3_000);
		second.arrive(15_000);
		second.end();
		expect(await Promise.all(outcomes)).toEqual(["busy", 15_000]);
	});
});

test("that bodies are broken off is told once a minute, with their number", async () => {
	const world = seededWorld();
	const told: number[] = [];
	const incoming = bodies(world, { maxBodies: 1 }, (_, count) => told.push(count));
	const begin = (count: number) => {
		for (let n = 0; n < count; n++) void outcomeOf(incoming.read(sending(10).request));
	};
	begin(11);
	expect(told).toEqual([1]);
	await world.advance(61_000);
	expect(told).toEqual([1]);
	begin(2);
	expect(told).toEqual([1, 11]);
	incoming.close(new RequestError(503, "shutting_down", "it ends"));
	expect(told).toEqual([1, 11]);
});

test("whatever comes, no more is held than may be, and everybody hears how it went", async () => {
	const limits = { maxBodies: 4, maxBytesTogether: 5_000, smallBytes: 100, maxBytes: 3_000, baseMs: 10_000 };
	const step = fc.oneof(
		fc.record({ begin: fc.option(fc.integer({ min: 0, max: 3_500 }), { nil: undefined }) }),
		fc.record({ arrive: fc.nat(10), size: fc.nat(2_000) }),
		fc.record({ end: fc.nat(10) }),
		fc.record({ pass: fc.nat(4_000) }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
			const world = seededWorld();
			const incoming = bodies(world, limits);
			const begun: ReturnType<typeof sending>[] = [];
			const outcomes: Promise<unknown>[] = [];
			for (const each of steps) {
				if ("begin" in each) {
					const next = sending(each.begin);
					begun.push(next);
					outcomes.push(outcomeOf(incoming.read(next.request)));
				} else if ("pass" in each) await world.advance(each.pass);
				else {
					const chosen = begun[("arrive" in each ? each.arrive : each.end) % Math.max(1, begun.length)];
					try {
						if ("arrive" in each) chosen?.arrive(each.size);
						else chosen?.end();
					} catch {
						// Its reader is gone already.
					}
				}
				await world.advance(0);
				expect(incoming.count).toBeLessThanOrEqual(limits.maxBodies);
				expect(incoming.bytes).toBeLessThanOrEqual(limits.maxBytesTogether);
			}
			incoming.close(new RequestError(503, "shutting_down", "it ends"));
			for (const outcome of await Promise.all(outcomes)) {
				expect(String(outcome)).toMatch(/^(?:\d+|busy|too_large|body_timeout|shutting_down)$/);
			}
			expect([incoming.count, incoming.bytes]).toEqual([0, 0]);
		}),
		{ numRuns: 150 },
	);
});
