import { expect, test } from "bun:test";
import { forget, modify, recover } from "@signet/memory";
import { ana, type MemoryBench } from "@signet/memory/testing";
import fc from "fast-check";
import { exportPage, type TransferRow, undoImport } from "../index.ts";
import { exported, home, present, taken, textRow } from "../testing/homes.ts";

const ALL = 1_000;
const wiki = (content: string, more: object = {}) => textRow(content, { sourceType: "wiki", sourceId: "1", ...more });
const memory = (content: string, version: number, more: object = {}): TransferRow => {
	return { kind: "memory", key: "m", row: { id: "m", content, version, ...more } };
};

/** Every memory, forgotten ones too: what can be known of it but how often and when it was changed. */
async function everything(bench: MemoryBench) {
	const { rows } = await exportPage(bench, "memory", { after: 0, limit: ALL });
	return Object.fromEntries(
		rows.map(({ version: _v, update_count: _n, updated_at: _at, vector_clock: _c, extraction_status: _e, ...row }) => [
			row.id,
			row,
		]),
	);
}

test.each([
	["text", [textRow("the GATE code", { tags: "gate", project: "acme", type: "decision" })]],
	["bundle", [memory("the gate code is new", 9, { tags: "gate", type: "decision", pinned: 1 })]],
] as const)("a memory that a %s has brought back is forgotten again as it was", async (_, rows) => {
	await using here = await home();
	await taken(here, [memory("The gate code", 1, { updated_by: "ana", tags: "old" })]);
	await forget(here, { id: "m", reason: "gone", force: true }, ana);
	const before = await everything(here);
	here.world.advance(86_60_000);
	const { id, outcomes } = await taken(here, rows, { isRevived: true });
	expect(outcomes).toEqual(["kept"]);
	expect(Object.keys(await present(here))).toEqual(["m"]);
	expect(await undoImport(here, id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(await everything(here)).toEqual(before);
	// That can itself be told and taken back.
	await recover(here, { id: "m", reason: "back" }, ana);
	expect(await here.row("m")).toMatchObject({ content: "The gate code", tags: "old" });
});

test.each([
	["text", (more: object) => [textRow("the ferry sails", { sessionId: "s", ...more })]],
	["bundle", (more: object) => [memory("the ferry sails", 1, { session_id: "s", ...more })]],
] as const)("a %s that comes again, and says now which turn it was, is that turn", async (_, rowsOf) => {
	await using here = await home();
	const { id } = await taken(here, rowsOf({}));
	await undoImport(here, id, ALL);
	expect(await present(here)).toEqual({});
	expect((await taken(here, rowsOf({ position: 4, role: "user" }))).outcomes).toEqual(["kept"]);
	expect(Object.values(await everything(here))).toMatchObject([{ session_id: "s", position: 4, role: "user" }]);
});

test("what somebody has changed since stays, and is told", async () => {
	await using here = await home();
	const { id } = await taken(here, [textRow("one"), textRow("two"), textRow("three")]);
	const ids = Object.keys(await present(here));
	await modify(here, { id: ids[0] ?? "", reason: "mine", patch: { pinned: true } }, ana);
	await forget(here, { id: ids[1] ?? "", reason: "mine", force: true }, ana);
	await recover(here, { id: ids[1] ?? "", reason: "mine" }, ana);
	expect(await undoImport(here, id, ALL)).toEqual({ undone: 1, left: 2, remaining: 0 });
	expect(Object.values(await present(here)).map(({ content }) => content)).toEqual(["one", "two"]);
});

test("what an import has added to a memory that was known goes with it", async () => {
	await using here = await home();
	await here.keep("Tea at five", { tags: "tea" });
	const before = await everything(here);
	const { id, results } = await taken(here, [textRow("tea at five", { tags: "late", project: "acme" })]);
	expect(results).toMatchObject([{ outcome: "merged", isJoined: true }]);
	expect(Object.values(await present(here))).toMatchObject([{ content: "Tea at five", tags: "tea,late" }]);
	// Nothing of it is new the second time.
	expect((await taken(here, [textRow("tea at five", { tags: "late" })])).results[0]).not.toHaveProperty("isJoined");
	expect(await undoImport(here, id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(await everything(here)).toEqual(before);
});

test("of imports that have changed one memory each is undone by itself, in any order", async () => {
	await using here = await home();
	const first = await taken(here, [wiki("one")]);
	const second = await taken(here, [wiki("two", { tags: "x" })]);
	const third = await taken(here, [wiki("three")]);
	// What the second has done is not to be seen any more.
	expect(await undoImport(here, second.id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(Object.values(await present(here))).toMatchObject([{ content: "three" }]);
	expect(await undoImport(here, third.id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(Object.values(await present(here))).toMatchObject([{ content: "one", tags: null }]);
	const fourth = await taken(here, [wiki("four")]);
	expect(await undoImport(here, first.id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(Object.values(await present(here))).toMatchObject([{ content: "four" }]);
	expect(await undoImport(here, fourth.id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect(await present(here)).toEqual({});
	// It was not forgotten by anybody.
	expect((await taken(here, [wiki("two")])).outcomes).toEqual(["kept"]);
});

const text = fc.constantFrom("tea", "Tea!", "coffee", "water");
const textRows = fc.oneof(
	fc
		.record({ text, tags: fc.constantFrom("a", "b,c", ""), project: fc.constantFrom("p", "q") })
		.map(({ text: content, ...more }) => textRow(content, more)),
	fc.tuple(text, fc.constantFrom("1", "2")).map(([content, sourceId]) => wiki(content, { sourceId })),
);
const memoryRows = fc
	.tuple(fc.constantFrom("m", "n"), text, fc.integer({ min: 1, max: 12 }), fc.constantFrom("a", "d"))
	.map(([id, content, version, tags]): TransferRow => {
		return { kind: "memory", key: id, row: { id, content, version, tags, updated_by: "ben" } };
	});
/** A format has rows of the one kind or of the other. */
const rows = fc.oneof(
	fc.array(textRows, { minLength: 1, maxLength: 6 }),
	fc.array(memoryRows, { minLength: 1, maxLength: 6 }),
);

test("whatever was imported, and undone from either end, leaves exactly what was there", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.record({ text, isForgotten: fc.boolean() }), { maxLength: 3 }),
			fc.array(fc.record({ rows, isRevived: fc.boolean() }), { minLength: 1, maxLength: 4 }),
			fc.boolean(),
			async (known, imports, isNewestFirst) => {
				await using here = await home();
				for (const { text: content, isForgotten } of known) {
					const id = await here.keep(content, { sourceType: "wiki", sourceId: "1", tags: "own" });
					if (isForgotten) await forget(here, { id, reason: "gone", force: true }, ana);
				}
				const there = await present(here);
				const ids: string[] = [];
				for (const { rows: given, isRevived } of imports) {
					ids.push((await taken(here, given, { isRevived })).id);
				}
				let left = 0;
				for (const id of isNewestFirst ? ids.toReversed() : ids) {
					const undone = await undoImport(here, id, ALL);
					expect(undone.remaining).toBe(0);
					left += undone.left;
				}
				// What a later import has brought may say what is to come back: that is told.
				if (isNewestFirst) expect(left).toBe(0);
				if (left === 0) expect(await present(here)).toEqual(there);
			},
		),
		{ numRuns: 60 },
	);
}, 60_000);

test("of one file that was imported again and again nothing is left, whichever import is undone first", async () => {
	await fc.assert(
		fc.asyncProperty(rows, fc.array(text, { maxLength: 2 }), fc.boolean(), async (given, known, isNewestFirst) => {
			await using here = await home();
			for (const content of known) await here.keep(content, { sourceType: "wiki", sourceId: "1" });
			const there = await present(here);
			const ids: string[] = [];
			for (let times = 0; times < 3; times++) ids.push((await taken(here, given)).id);
			for (const id of isNewestFirst ? ids.toReversed() : ids) {
				expect(await undoImport(here, id, ALL)).toMatchObject({ left: 0, remaining: 0 });
			}
			expect(await present(here)).toEqual(there);
		}),
		{ numRuns: 40 },
	);
}, 60_000);

test("an import that is undone before another one says nothing of what that one brought", async () => {
	await using there = await home();
	await using here = await home();
	const id = await there.keep("one");
	const first = await taken(here, await exported(there));
	await modify(there, { id, reason: "it changed", patch: { content: "two" } }, ana);
	const second = await taken(here, await exported(there));
	await undoImport(here, first.id, ALL);
	expect(await present(here)).toMatchObject({ [id]: { content: "two" } });
	await undoImport(here, second.id, ALL);
	expect(await present(here)).toEqual({});
});
