import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { Trials } from "../index.ts";
import { home } from "../testing/homes.ts";

const MINUTE_MS = 60_000;

test("a trial lasts for ten minutes after its last rows", async () => {
	await using here = await home();
	const trials = new Trials(here);
	const id = await trials.begin({ source: "x", format: "x" });
	for (let times = 0; times < 3; times++) {
		await here.world.advance(9 * MINUTE_MS);
		expect(trials.has(id)).toBe(true);
		trials.complete(await trials.begin({ source: "y", format: "y" }), {});
		await trials.takeRows(
			id,
			[],
			{
				changedBy: "ana",
				actorType: "operator",
				sessionId: null,
				requestId: null,
				scope: EVERYTHING,
				isVerified: true,
			},
			{ isRevived: false },
		);
	}
	await here.world.advance(11 * MINUTE_MS);
	expect(trials.has(id)).toBe(false);
});
