import { describe, expect, test } from "bun:test";
import { parseSettings } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import fc from "fast-check";
import { FailedLogins } from "./failed-logins.ts";
import { RateLimiter } from "./rate-limiter.ts";
import type { RateOperation } from "./rate-operations.ts";
import { Refusal } from "./refusal.ts";

const bo = { identity: "subject bo" };

function limiter(yaml = "", mode: "local" | "team" | "hybrid" = "team") {
	const world = seededWorld();
	const { rateLimits: limits } = parseSettings(yaml && `auth:\n  rateLimits:\n${yaml}`).auth;
	const limited = new RateLimiter({ mode, limits, clock: world.clock });
	const isLet = (operation: RateOperation, caller = bo) => {
		try {
			limited.spend(operation, caller);
			return true;
		} catch (error) {
			if (error instanceof Refusal && error.status === 429) return error;
			throw error;
		}
	};
	return { world, isLet };
}

describe("limits", () => {
	test("of each operation are those of the earlier daemon, where nothing else is said", () => {
		const most = { forget: 30, modify: 60, batchForget: 5, forceDelete: 3, admin: 10 } as const;
		const { isLet } = limiter();
		for (const operation of ["forget", "modify", "batchForget", "forceDelete", "admin"] as const) {
			for (let n = 0; n < most[operation]; n++) expect(isLet(operation)).toBe(true);
			expect(isLet(operation)).toBeInstanceOf(Refusal);
		}
	});

	test("say when to come back, and then let in", async () => {
		const { world, isLet } = limiter("    forget:\n      windowMs: 2500\n      max: 2\n");
		const began = world.clock.now();
		expect(isLet("forget")).toBe(true);
		await world.advance(1_000);
		expect(isLet("forget")).toBe(true);
		const refusal = isLet("forget");
		if (refusal === true) throw new Error("it was let in");
		expect(refusal.more).toEqual({ headers: { "retry-after": "2" }, body: { retryAfter: began + 2_500 } });
		await world.advance(1_500);
		expect(isLet("forget")).toBe(true);
		expect(isLet("forget")).toBeInstanceOf(Refusal);
	});

	test("hold for each caller by itself", () => {
		const { isLet } = limiter("    admin:\n      max: 1\n");
		expect(isLet("admin")).toBe(true);
		expect(isLet("admin", { identity: "subject ana" })).toBe(true);
		expect(isLet("admin")).toBeInstanceOf(Refusal);
	});

	test("hold in local mode for what starts programs alone", () => {
		const { isLet } = limiter(
			"    forget:\n      max: 1\n    exec:\n      max: 1\n    taskRun:\n      max: 1\n",
			"local",
		);
		for (let n = 0; n < 3; n++) expect(isLet("forget")).toBe(true);
		for (const operation of ["exec", "taskRun"] as const) {
			expect(isLet(operation)).toBe(true);
			expect(isLet(operation)).toBeInstanceOf(Refusal);
		}
	});

	test("are never exceeded within any window, and never keep out without need", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 6 }),
				fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 60 }),
				async (max, pauses) => {
					const { world, isLet } = limiter(`    modify:\n      windowMs: 1000\n      max: ${max}\n`);
					const let_: number[] = [];
					for (const pause of pauses) {
						await world.advance(pause);
						const now = world.clock.monotonicMs();
						const recent = let_.filter((at) => now - at < 1_000).length;
						expect(isLet("modify") === true).toBe(recent < max);
						if (recent < max) let_.push(now);
					}
				},
			),
		);
	});

	test("do not take room for everybody who ever came", () => {
		const { isLet } = limiter("    admin:\n      max: 1\n");
		for (let n = 0; n < 5_000; n++) expect(isLet("admin", { identity: `subject ${n}` })).toBe(true);
		expect(isLet("admin", { identity: "subject 4999" })).toBeInstanceOf(Refusal);
		expect(isLet("admin", { identity: "subject 0" })).toBe(true);
	});
});

describe("tokens that do not hold", () => {
	test("are answered as they are up to a number, then with a wait that grows and ends", async () => {
		const world = seededWorld();
		const failures = new FailedLogins(world.clock);
		for (let n = 0; n < 30; n++) expect(failures.add("203.0.113.9")).toBe(0);
		expect([1, 2, 3].map(() => failures.add("203.0.113.9"))).toEqual([1_000, 2_000, 4_000]);
		for (let n = 0; n < 50; n++) failures.add("203.0.113.9");
		expect(failures.add("203.0.113.9")).toBe(300_000);
		expect(failures.add("203.0.113.10")).toBe(0);
		await world.advance(300_000 + 60_001);
		expect(failures.add("203.0.113.9")).toBe(0);
	});
});
