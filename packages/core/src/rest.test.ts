import { expect, test } from "bun:test";
import { Rest } from "./rest.ts";
import { seededWorld } from "./testing/index.ts";

test("rest begins once, and only when nothing was used for a while", async () => {
	const world = seededWorld();
	let begun = 0;
	const rest = new Rest(world, 20_000, () => begun++);
	for (let second = 0; second < 60; second += 5) {
		rest.used();
		await world.advance(5_000);
	}
	expect(begun).toBe(0);
	await world.advance(3_600_000);
	expect(begun).toBe(1);
	expect(world.pendingTimers).toBe(0);
	rest.used();
	await world.advance(3_600_000);
	expect(begun).toBe(2);
});

test("what was stopped does nothing any more", async () => {
	const world = seededWorld();
	let begun = 0;
	const rest = new Rest(world, 20_000, () => begun++);
	rest.used();
	rest.stop();
	rest.used();
	await world.advance(3_600_000);
	expect([begun, world.pendingTimers]).toEqual([0, 0]);
});
