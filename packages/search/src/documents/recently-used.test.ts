import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import fc from "fast-check";
import { RecentlyUsed } from "./recently-used.ts";

const cache = (maxWeight: number, { timers } = seededWorld()) =>
	new RecentlyUsed<number, number>({ timers, maxWeight, weightOf: (value) => value });

test("gives what was set last under a key or nothing, never anything else, and never more than its weight", () => {
	const step = fc.oneof(
		fc.record({ set: fc.nat(9), value: fc.integer({ min: 1, max: 5 }) }),
		fc.record({ delete: fc.nat(9) }),
		fc.record({ get: fc.nat(9) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
			const kept = cache(20);
			const model = new Map<number, number>();
			for (const one of steps) {
				if ("set" in one) {
					kept.set(one.set, one.value);
					model.set(one.set, one.value);
				} else if ("delete" in one) {
					kept.delete(one.delete);
					model.delete(one.delete);
				} else expect([undefined, model.get(one.get)]).toContain(kept.get(one.get));
			}
			const all = Array.from({ length: 10 }, (_, key) => kept.get(key) ?? 0);
			expect(all.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(20 + 5);
		}),
	);
});

test("what is asked for again and again stays", () => {
	const kept = cache(10);
	kept.set(0, 1);
	for (let key = 1; key < 100; key++) {
		kept.set(key, 1);
		expect(kept.get(0)).toBe(1);
	}
	expect(kept.get(1)).toBeUndefined();
});

test("all of it goes when nobody asks", async () => {
	const world = seededWorld();
	const kept = cache(10, world);
	kept.set(1, 1);
	expect(kept.get(1)).toBe(1);
	await world.advance(10_000);
	expect(kept.get(1)).toBe(1);
	await world.advance(20_000);
	expect(kept.get(1)).toBeUndefined();
});
