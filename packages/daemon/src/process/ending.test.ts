import { expect, test } from "bun:test";
import type { ExitCode } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { Ending } from "./ending.ts";

function endingOf(stop: () => Promise<void>) {
	const world = seededWorld();
	const exits: ExitCode[] = [];
	const forced: unknown[] = [];
	let stops = 0;
	const ending = new Ending({
		stop: () => {
			stops++;
			return stop();
		},
		exit: (code) => exits.push(code),
		timers: world.timers,
		onForced: (reason) => forced.push(reason),
	});
	return { ending, world, exits, forced, stops: () => stops };
}

const never = () => new Promise<void>(() => undefined);

test("it ends once, with the code of whoever was first", async () => {
	const { ending, world, exits, stops } = endingOf(() => Promise.resolve());
	ending.begin(85);
	ending.begin(1);
	await world.advance(0);
	expect([exits, stops()]).toEqual([[85], 1]);
});

test("whoever asks twice does not wait", async () => {
	const { ending, world, exits } = endingOf(never);
	ending.asked();
	await world.advance(100);
	expect(exits).toEqual([]);
	ending.asked();
	expect(exits).toEqual([1]);
});

test("what does not come to an end is ended after 25 s, and that is told", async () => {
	const { ending, world, exits, forced } = endingOf(never);
	ending.asked();
	await world.advance(24_900);
	expect(exits).toEqual([]);
	await world.advance(200);
	expect(exits).toEqual([1]);
	expect(String(forced[0])).toContain("25 s");
});

test("an end that fails is one all the same", async () => {
	const { ending, world, exits, forced } = endingOf(() => Promise.reject(new Error("the disk is gone")));
	ending.asked();
	await world.advance(0);
	expect(exits).toEqual([1]);
	expect(String(forced[0])).toContain("the disk is gone");
});
