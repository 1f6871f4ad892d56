import { expect, test } from "bun:test";
import { modify } from "@signet/memory";
import { ana, type MemoryBench } from "@signet/memory/testing";
import fc from "fast-check";
import { type TransferRow, undoImport } from "../index.ts";
import { home, present, taken, textRow } from "../testing/homes.ts";

const ALL = 1_000;
const notes = (content: string, sourceId = "1") => textRow(content, { sourceType: "notes", sourceId });
const textsOf = async (bench: MemoryBench) => Object.values(await present(bench)).map(({ content }) => content);

test("a source that says three things says three things, and one of them otherwise the next time", async () => {
	await using here = await home();
	const first = await taken(here, [notes("one"), notes("two"), notes("three")]);
	expect(first.outcomes).toEqual(["kept", "kept", "kept"]);
	const before = await present(here);
	expect(Object.keys(before)).toHaveLength(3);
	expect((await taken(here, [notes("one"), notes("two"), notes("three")])).outcomes).toEqual(Array(3).fill("merged"));
	const later = await taken(here, [notes("one"), notes("two, changed"), notes("three")]);
	expect(later.outcomes).toEqual(["merged", "kept", "merged"]);
	expect(await textsOf(here)).toEqual(["one", "two, changed", "three"]);
	expect(Object.keys(await present(here))).toEqual(Object.keys(before));
	await undoImport(here, later.id, ALL);
	expect(await present(here)).toEqual(before);
	expect(await undoImport(here, first.id, ALL)).toEqual({ undone: 3, left: 0, remaining: 0 });
	expect(await present(here)).toEqual({});
});

test("what somebody has changed of it is left, and what the rest of the source says is not", async () => {
	await using here = await home();
	const id = await here.keep("zero", { sourceType: "notes", sourceId: "1" });
	const { id: imported } = await taken(here, [notes("one"), notes("two")]);
	expect(await textsOf(here)).toEqual(["one", "two"]);
	await modify(here, { id, reason: "mine", patch: { content: "mine" } }, ana);
	expect(await undoImport(here, imported, ALL)).toEqual({ undone: 1, left: 1, remaining: 0 });
	expect(await textsOf(here)).toEqual(["mine"]);
});

test("a text that has moved to another source is not lost when its old place says something else", async () => {
	await using here = await home();
	await taken(here, [notes("one", "a")]);
	expect((await taken(here, [notes("one", "b"), notes("two", "a")])).outcomes).toEqual(["merged", "kept"]);
	expect(await textsOf(here)).toEqual(["one", "two"]);
});

const row = fc
	.tuple(
		fc.constantFrom("one", "two", "Two!", "three", "four"),
		fc.constantFrom(null, "a", "a#2", "a#2#2", "b"),
		fc.constantFrom("x", ""),
	)
	.map(([content, sourceId, tags]): TransferRow => {
		return textRow(content, { ...(sourceId && { sourceType: "notes", sourceId }), tags });
	});

test("whatever is imported, each row that was kept is a memory, each that was merged is in one, and twice is once", async () => {
	const rows = fc.array(row, { minLength: 1, maxLength: 10 });
	await fc.assert(
		fc.asyncProperty(rows, rows, async (first, second) => {
			await using here = await home();
			for (const given of [first, second]) {
				const { results } = await taken(here, given);
				const there = await present(here);
				const kept = results.filter(({ outcome }) => outcome === "kept").map(({ id = "" }) => id);
				expect(new Set(kept).size).toBe(kept.length);
				for (const [at, { id = "" }] of results.entries()) {
					const content = given[at]?.kind === "text" ? String(given[at].memory.content) : "";
					expect(String(there[id]?.content).toLowerCase()).toStartWith(content.toLowerCase().replace("!", ""));
				}
				const again = await taken(here, given);
				expect(again.outcomes).not.toContain("kept");
				expect(again.results.some(({ isJoined }) => isJoined)).toBe(false);
				expect(await present(here)).toEqual(there);
			}
		}),
		{ numRuns: 60 },
	);
}, 60_000);
