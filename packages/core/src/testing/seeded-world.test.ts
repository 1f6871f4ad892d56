import { expect, test } from "bun:test";
import { within } from "../world.ts";
import { seededWorld } from "./seeded-world.ts";

test("time passes only when told to, and timers fire in order", async () => {
	const world = seededWorld();
	const fired: string[] = [];
	world.timers.after(200, () => fired.push("late"));
	world.timers.after(100, () => {
		fired.push("early");
		world.timers.after(50, () => fired.push("nested"));
	});
	world.timers.after(120, () => fired.push("cancelled")).cancel();
	await world.advance(99);
	expect(fired).toEqual([]);
	await world.advance(200);
	expect(fired).toEqual(["early", "nested", "late"]);
	expect(world.clock.monotonicMs()).toBe(299);
});

test("a sleeper sees the time at which it woke", async () => {
	const world = seededWorld({ startMs: 1000 });
	const woke = world.timers.sleep(250).then(() => world.clock.now());
	await world.advance(1000);
	expect(await woke).toBe(1250);
});

test("the same seed gives the same ids, another seed others", () => {
	const ids = (seed: number) => [seededWorld({ seed }).random.uuid(), seededWorld({ seed }).random.uuid()];
	expect(ids(7)[0]).toBe(ids(7)[1] as string);
	expect(ids(7)[0]).not.toBe(ids(8)[0] as string);
	expect(ids(7)[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a request that is not answered fails when its time is up", async () => {
	const world = seededWorld({ network: () => new Promise(() => undefined) });
	const outcome = world.network.fetch("http://model", { timeoutMs: 500 }).catch((error: Error) => error.message);
	await world.advance(500);
	expect(await outcome).toBe("no answer within 500 ms");
	expect(world.pendingTimers).toBe(0);
});

test("within gives up after its time and leaves no timer behind", async () => {
	const world = seededWorld();
	const slow = within(world.timers, 100, new Promise<string>(() => undefined));
	await world.advance(100);
	expect(await slow).toBeUndefined();
	expect(await within(world.timers, 100, Promise.resolve("fast"))).toBe("fast");
	expect(world.pendingTimers).toBe(0);
});
