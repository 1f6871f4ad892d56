import { expect, test } from "bun:test";
import { EVERYTHING, isoTime, noCleaner } from "@signet/core";
import { sql } from "@signet/db";
import { draftText, forget, ingest, modify, readHistory, recover, remember, restore } from "./index.ts";
import { ana, type MemoryBench, memoryBench, pipeline } from "./testing/memory-bench.ts";

const DAY_MS = 86_400_000;
const reason = "because";

async function eventsOf({ database }: MemoryBench, id: string) {
	return (await readHistory(database, id, { scope: EVERYTHING, order: "asc", limit: 100 }))?.history ?? [];
}

/** What a program comes across. */
function find({ database, world }: MemoryBench, content: string) {
	const draft = draftText({ content, why: null, sourceType: "file" }, noCleaner);
	return database.write((writer) => ingest(writer, draft, ana, { world, isExtracted: false, origin: "found" }));
}

test("a change is made once, counted as a version, and told field by field", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("The index is rebuilt at midnight", { tags: "search" });
	const patch = { content: "The index is rebuilt at four", tags: "search,cron", importance: 0.8 };
	expect(await modify(bench, { id, reason, patch }, ana)).toEqual({
		id,
		status: "updated",
		currentVersion: 1,
		newVersion: 2,
		contentChanged: true,
		embedded: true,
	});
	expect(await modify(bench, { id, reason, patch }, ana)).toEqual({ id, status: "no_changes", currentVersion: 2 });
	const [created, updated, ...more] = await eventsOf(bench, id);
	expect(created).toMatchObject({ event: "created", newContent: "The index is rebuilt at midnight", version: 1 });
	expect(updated).toMatchObject({
		event: "updated",
		changedBy: "ana",
		reason,
		version: 2,
		changes: {
			content: { before: "The index is rebuilt at midnight", after: "The index is rebuilt at four" },
			tags: { before: "search", after: "search,cron" },
		},
	});
	expect(more).toEqual([]);
});

test("what is said again with other tags adds them, pins, names a project where there is none, and tells so", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("Tea is served at five", { tags: "tea" });
	const again = (request: object) =>
		remember(bench, { content: "tea is served at FIVE!", ...request }, ana, { isJoined: true });
	const merged = await again({ tags: "Tea,house", project: "acme", who: "ben", importance: 0.1, pinned: true });
	expect(merged).toMatchObject({ id, deduped: true, merged: true, tags: "tea,Tea,house", importance: 0.8 });
	expect(await bench.row(id)).toMatchObject({
		project: "acme",
		pinned: 1,
		version: 2,
		content: "Tea is served at five",
	});
	expect((await eventsOf(bench, id)).at(-1)).toMatchObject({
		event: "merged",
		changedBy: "ana",
		changes: {
			tags: { before: "tea", after: "tea,Tea,house" },
			pinned: { before: 0, after: 1 },
			project: { before: null, after: "acme" },
		},
	});
	// Nothing of that is new any more, and another project takes the place of none.
	expect(await again({ tags: "house", project: "other" })).not.toHaveProperty("merged");
	expect(await again({ pinned: false })).toMatchObject({ pinned: true });
	expect(await bench.row(id)).toMatchObject({ project: "acme", version: 2 });
	await restore(bench, { id, reason, version: 1 }, ana);
	expect(await bench.row(id)).toMatchObject({ tags: "tea", project: null, pinned: 0 });
	expect(await again({ pinned: true, importance: 1 })).toMatchObject({ merged: true, pinned: true, importance: 1 });
});

test("a source that says something else says it with its tags", async () => {
	await using bench = await memoryBench();
	const source = { sourceType: "wiki", sourceId: "1" };
	const id = await bench.keep("Tea at five", { ...source, tags: "tea" });
	expect(await bench.keep("Tea at six", { ...source, tags: "late", project: "acme" })).toBe(id);
	expect(await bench.row(id)).toMatchObject({ content: "Tea at six", tags: "tea,late", project: "acme" });
});

test("a change for another version, of what is forgotten, or to what another memory says, is not made", async () => {
	await using bench = await memoryBench();
	const [one, other] = [await bench.keep("One thing"), await bench.keep("Another thing")];
	const change = (id: string, content: string, ifVersion?: number) =>
		modify(bench, { id, reason, patch: { content }, ifVersion }, ana);
	expect(await change(one, "New", 2)).toEqual({ id: one, status: "version_conflict", currentVersion: 1 });
	expect(await change(one, "another thing!")).toEqual({
		id: one,
		status: "duplicate_content_hash",
		currentVersion: 1,
		duplicateMemoryId: other,
	});
	await forget(bench, { id: one, reason, force: false }, ana);
	expect(await change(one, "New")).toEqual({ id: one, status: "deleted", currentVersion: 2 });
	expect(await change("nobody", "New")).toEqual({ id: "nobody", status: "not_found" });
	expect(await bench.row(one)).toMatchObject({ content: "One thing", version: 2 });
});

test("programs that act on their own leave pinned memories alone", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("critical: The licence server runs in rack four");
	const denied = { id, status: "autonomous_force_denied", currentVersion: 1 } as const;
	expect(await modify(bench, { id, reason, patch: { pinned: false } }, pipeline)).toEqual(denied);
	expect(await forget(bench, { id, reason, force: true }, pipeline)).toEqual(denied);
	expect(await forget(bench, { id, reason, force: false }, ana)).toMatchObject({ status: "pinned_requires_force" });
	expect(await forget(bench, { id, reason, force: true }, ana)).toMatchObject({ status: "deleted" });
});

test("what was forgotten comes back only when somebody asks for it", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("The gate code is 4711", { tags: "gate" });
	await forget(bench, { id, reason, force: false }, ana);
	expect(await find(bench, "the gate code is 4711!")).toEqual({ outcome: "forgotten" });
	expect(await bench.row(id)).toMatchObject({ is_deleted: 1, version: 2 });
	const again = await remember(bench, { content: "The gate code is 4711." }, ana);
	expect(again).toMatchObject({ id, recovered: true, content: "The gate code is 4711.", tags: "gate", embedded: true });
	expect(await bench.row(id)).toMatchObject({ is_deleted: 0, deleted_at: null, version: 3 });
	expect((await eventsOf(bench, id)).map(({ event }) => event)).toEqual(["created", "deleted", "recovered"]);
	expect(await find(bench, "The gate code is 4711")).toMatchObject({ outcome: "duplicate", memory: { id } });
});

test("it can be brought back for thirty days and not a moment longer", async () => {
	await using bench = await memoryBench();
	const inTime = await bench.keep("Kept for thirty days");
	const tooLate = await bench.keep("Kept for a moment longer");
	const forgotten = bench.world.clock.now() - 30 * DAY_MS;
	for (const [id, at] of [
		[inTime, forgotten],
		[tooLate, forgotten - 1],
	] as const) {
		await forget(bench, { id, reason, force: false }, ana);
		await bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET deleted_at = ${isoTime(at)} WHERE id = ${id}`),
		);
	}
	expect(await recover(bench, { id: inTime, reason }, ana)).toMatchObject({ status: "recovered", retentionDays: 30 });
	expect(await recover(bench, { id: tooLate, reason }, ana)).toMatchObject({ status: "retention_expired" });
	expect(await remember(bench, { content: "Kept for a moment longer" }, ana)).not.toMatchObject({ id: tooLate });
});

test("a memory does not come back beside another that says the same by now", async () => {
	await using bench = await memoryBench();
	const [old, other] = [await bench.keep("The page is hosted elsewhere"), await bench.keep("The page has two hosts")];
	await forget(bench, { id: old, reason, force: false }, ana);
	await modify(bench, { id: other, reason, patch: { content: "The page is hosted elsewhere" } }, ana);
	expect(await recover(bench, { id: old, reason }, ana)).toMatchObject({
		status: "duplicate_content_hash",
		duplicateMemoryId: other,
	});
});

test("nothing changes while memory is frozen", async () => {
	await using bench = await memoryBench();
	const id = await bench.keep("Frozen soon");
	bench.configure("memory:\n  pipelineV2:\n    mutationsFrozen: true\n");
	const frozen = expect.objectContaining({ status: 503, code: "mutations_frozen" });
	expect(await modify(bench, { id, reason, patch: { type: "rule" } }, ana).catch((error) => error)).toEqual(frozen);
	expect(await forget(bench, { id, reason, force: false }, ana).catch((error) => error)).toEqual(frozen);
	expect(await recover(bench, { id, reason }, ana).catch((error) => error)).toEqual(frozen);
	expect(await bench.row(id)).toMatchObject({ version: 1, is_deleted: 0 });
});

test("what a program finds again in a source does not undo what a person has corrected since; what is new there is taken", async () => {
	await using bench = await memoryBench();
	const { database, world } = bench;
	const found = (content: string) =>
		database.write((writer) =>
			ingest(
				writer,
				draftText({ content, why: null, who: "wiki", sourceType: "wiki", sourceId: "W-1" }, noCleaner),
				ana,
				{
					world,
					isExtracted: false,
					origin: "found",
				},
			),
		);
	const { memory } = await found("Grind 18 g");
	const id = memory?.id ?? "";
	await modify(bench, { id, reason, patch: { content: "Grind 20 g" } }, ana);
	expect((await found("Grind 18 g")).outcome).toBe("duplicate");
	expect((await bench.row(id)).content).toBe("Grind 20 g");
	expect((await found("Grind 22 g, finely")).outcome).toBe("updated");
	expect((await found("Grind 18 g")).outcome).toBe("updated");
	expect((await bench.row(id)).content).toBe("Grind 18 g");
	await modify(bench, { id, reason, patch: { pinned: true } }, ana);
	expect((await found("Grind 30 g")).outcome).toBe("duplicate");
	await modify(bench, { id, reason, patch: { pinned: false, content: "Grind 21 g" } }, ana);
	await forget(bench, { id, reason, force: false }, ana);
	expect((await found("Grind 18 g")).outcome).toBe("forgotten");
	expect((await found("Grind 40 g")).outcome).toBe("created");
});
