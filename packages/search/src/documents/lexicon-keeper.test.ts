import { describe, expect, test } from "bun:test";
import { countLexiconPieces } from "@signet/db";
import { LexiconKeeper, recall } from "../index.ts";
import { type Workbench, workbench } from "../testing/workbench.ts";

const WORDS = "embedding:\n  provider: none\n";
const piecesOf = ({ database }: Workbench) => database.read(countLexiconPieces);

/** Each memory in a commit of its own, as they come day by day. */
async function storeSingly(bench: Workbench, count: number): Promise<void> {
	for (let at = 0; at < count; at++)
		await bench.store({ id: `m-${at}`, content: `the ${at}th thing about harbour ${at}` });
}

describe("LexiconKeeper", () => {
	test("a lexicon that was left in many pieces is one after it was opened, and says the same", async () => {
		await using bench = await workbench(WORDS);
		await storeSingly(bench, 100);
		const before = await recall(bench, { query: "harbour 17", limit: 3, filter: { scope: {} } });
		expect(await piecesOf(bench)).toBeGreaterThan(6);
		const keeper = new LexiconKeeper(bench.database, bench.world.timers);
		await keeper.open();
		await bench.world.advance(3_000);
		while ((await piecesOf(bench)) > 1) await bench.world.timers.yield();
		const after = await recall(bench, { query: "harbour 17", limit: 3, filter: { scope: {} } });
		expect(after.results).toEqual(before.results);
	});

	test("it is not merged while more is being added", async () => {
		await using bench = await workbench(WORDS);
		await storeSingly(bench, 100);
		const keeper = new LexiconKeeper(bench.database, bench.world.timers);
		await keeper.open();
		const pieces = await piecesOf(bench);
		for (let times = 0; times < 5; times++) {
			await bench.world.advance(1_500);
			keeper.grown(1, 100);
		}
		expect(await piecesOf(bench)).toBe(pieces);
	});

	test("one of few pieces is left as it is", async () => {
		await using bench = await workbench(WORDS);
		await storeSingly(bench, 3);
		const keeper = new LexiconKeeper(bench.database, bench.world.timers);
		await keeper.open();
		await bench.world.advance(3_000);
		expect(await piecesOf(bench)).toBe(3);
	});

	test("one that cannot be looked at keeps nothing else from beginning", async () => {
		await using bench = await workbench(WORDS);
		const database = { ...bench.database, read: () => Promise.reject(new Error("database disk image is malformed")) };
		await new LexiconKeeper(database, bench.world.timers).open();
	});
});
