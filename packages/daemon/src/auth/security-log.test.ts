import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import { type RefusedRequest, SecurityLog } from "./security-log.ts";

const request: RefusedRequest = {
	status: 401,
	code: "unauthenticated",
	reason: "invalid signature",
	address: "203.0.113.9",
	method: "GET",
	route: "/api/memories",
};

test("of many refusals a few are told, and later how many there were besides", async () => {
	const world = seededWorld();
	const told: unknown[] = [];
	const log = new SecurityLog({ warn: (...entry) => told.push(entry) }, world.clock);
	for (let n = 0; n < 105; n++) log.refused(request);
	log.refused({ ...request, address: "203.0.113.10" });
	log.refused({ ...request, status: 403, code: "forbidden" });
	expect(told).toHaveLength(7);
	await world.advance(60_000);
	log.refused(request);
	expect(told.at(-1)).toEqual([
		"security",
		"a request was refused: invalid signature",
		{ ...request, moreBefore: 100 },
	]);
	expect(log.counters).toEqual({ unauthenticated: 107, forbidden: 1 });
});
