import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import fc from "fast-check";
import { type MemoryContext, modify, type Patch, readHistory, restore } from "./index.ts";
import { ana, memoryBench } from "./testing/memory-bench.ts";

const reason = "because";

/** Contents differ from each other, so that no edit meets another memory. */
const patches = fc.array(
	fc.record(
		{
			content: fc.constantFrom("one", "two", "three", "Three!", "four"),
			type: fc.constantFrom("fact", "rule"),
			tags: fc.constantFrom(null, "a", "a,b"),
			importance: fc.constantFrom(0, 0.5, 1),
			pinned: fc.boolean(),
		},
		{ requiredKeys: [] },
	),
	{ maxLength: 8 },
);

async function change(bench: MemoryContext, id: string, patch: Patch): Promise<void> {
	await modify(bench, { id, reason, patch }, ana);
}

test("paging gives every event once, from either end", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("zero");
	for (let n = 1; n < 12; n++) await change(bench, id, { importance: n / 20 });
	const all = (await readHistory(bench.database, id, { scope: EVERYTHING, order: "asc", limit: 100 }))?.history ?? [];
	expect(all).toHaveLength(12);
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 13 }), fc.constantFrom("asc", "desc"), async (limit, order) => {
			const seen: string[] = [];
			for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
				const page = await readHistory(bench.database, id, { scope: EVERYTHING, order, limit, cursor });
				seen.push(...(page?.history.map((event) => event.id) ?? []));
				cursor = page?.nextCursor;
			}
			const expected = all.map((event) => event.id);
			expect(seen).toEqual(order === "asc" ? expected : expected.toReversed());
		}),
		{ numRuns: 30 },
	);
});

test("a memory can be made again what it was at any version", async () => {
	await using bench = await memoryBench();
	let run = 0;
	await fc.assert(
		fc.asyncProperty(patches, async (edits) => {
			const id = await bench.keep(`start ${run++}`);
			const versions = new Map([[1, await bench.row(id)]]);
			for (const edit of edits) {
				await change(bench, id, { ...edit, ...(edit.content && { content: `${run} ${edit.content}` }) });
				const row = await bench.row(id);
				versions.set(row.version, row);
			}
			for (const [version, { content, type, tags, importance, pinned }] of versions) {
				await restore(bench, { id, reason, version }, ana);
				expect(await bench.row(id)).toMatchObject({ content, type, tags, importance, pinned });
			}
		}),
		{ numRuns: 30 },
	);
});

test("a version that is not known is refused, and nothing changes", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("once");
	const refusal = await restore(bench, { id, reason, version: 2 }, ana).catch((error) => error);
	expect(refusal).toMatchObject({ status: 409, code: "version_unknown" });
	expect(await bench.row(id)).toMatchObject({ version: 1 });
});
