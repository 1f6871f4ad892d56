import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { forgetBatch, modify, previewForget } from "./index.ts";
import { ana, type MemoryBench, memoryBench } from "./testing/memory-bench.ts";

const execution = { reason: "cleared out", force: false, isAtomic: false } as const;
const byTag = { filter: { scope: EVERYTHING, tags: ["old"] }, limit: 200 };

async function keepMany(bench: MemoryBench, count: number): Promise<string[]> {
	const ids: string[] = [];
	for (let n = 0; n < count; n++) ids.push(await bench.keep(`Server number ${n} is retired`, { tags: "old" }));
	return ids;
}

test("more than twenty-five are forgotten only by who has seen them, as they were seen", async () => {
	await using bench = await memoryBench();
	const [first = ""] = await keepMany(bench, 26);
	const unconfirmed = { requiresConfirm: true, count: 26 } as const;
	expect(await forgetBatch(bench, byTag, execution, ana)).toEqual(unconfirmed);
	const { confirmToken } = await previewForget(bench, byTag);
	// Another selection of the same memories is another thing to confirm.
	const byWord = { ...byTag, query: "retired" };
	expect(await forgetBatch(bench, byWord, { ...execution, confirmToken }, ana)).toEqual(unconfirmed);
	await modify(bench, { id: first, reason: "edited meanwhile", patch: { importance: 0.1 } }, ana);
	expect(await forgetBatch(bench, byTag, { ...execution, confirmToken }, ana)).toEqual(unconfirmed);
	const seen = await previewForget(bench, byTag);
	const forgotten = await forgetBatch(bench, byTag, { ...execution, confirmToken: seen.confirmToken }, ana);
	expect(forgotten).toMatchObject({ requested: 26, deleted: 26 });
});

test("a preview can be acted upon for ten minutes", async () => {
	await using bench = await memoryBench();
	await keepMany(bench, 26);
	const { confirmToken } = await previewForget(bench, byTag);
	await bench.world.advance(10 * 60_000 + 1);
	expect(await forgetBatch(bench, byTag, { ...execution, confirmToken }, ana)).toMatchObject({ requiresConfirm: true });
});

test("ids are all taken, in their order, without those that the filter excludes or nobody has", async () => {
	await using bench = await memoryBench();
	const ids = await keepMany(bench, 22);
	const other = await bench.keep("Not retired at all");
	const asked = [...ids.toReversed(), other, "nobody", ids[0] ?? ""];
	const preview = await previewForget(bench, { ids: asked, filter: { scope: EVERYTHING, tags: ["old"] } });
	expect(preview.candidates.map(({ id }) => id)).toEqual(ids.toReversed());
	expect(preview.notFound).toEqual([other, "nobody"]);
});

test("every word of a query must be there, however common", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("The queue is the slow part");
	await bench.keep("A queue that is fast");
	const { candidates } = await previewForget(bench, { query: 'the "queue', filter: { scope: EVERYTHING } });
	expect(candidates.map((candidate) => candidate.id)).toEqual([id]);
});

test("all or none, when that is asked for", async () => {
	await using bench = await memoryBench();
	const [one, pinned] = [await bench.keep("Plain"), await bench.keep("critical: Pinned")];
	const selection = { ids: [one, pinned], filter: { scope: EVERYTHING } };
	const refusal = await forgetBatch(bench, selection, { ...execution, isAtomic: true }, ana).catch((error) => error);
	expect(refusal).toMatchObject({ status: 409, code: "batch_refused" });
	expect(await bench.row(one)).toMatchObject({ is_deleted: 0, version: 1 });
	expect(await forgetBatch(bench, selection, execution, ana)).toMatchObject({
		deleted: 1,
		results: [{ status: "deleted" }, { status: "pinned_requires_force" }],
	});
});

test("what is more than is taken at a time is said, and stays", async () => {
	await using bench = await memoryBench();
	await keepMany(bench, 3);
	const two = { ...byTag, limit: 2 };
	expect(await previewForget(bench, two)).toMatchObject({ count: 2, hasMore: true });
	expect(await forgetBatch(bench, two, execution, ana)).toMatchObject({ deleted: 2, hasMore: true });
	const left = await previewForget(bench, two);
	expect([left.count, left.hasMore]).toEqual([1, undefined]);
});
