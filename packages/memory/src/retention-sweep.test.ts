import { expect, test } from "bun:test";
import { EVERYTHING, noCleaner } from "@signet/core";
import { sql } from "@signet/db";
import { draftText, forget, ingest, type MemoryContext, readHistory, remember, sweep } from "./index.ts";
import { ana, type MemoryBench, memoryBench } from "./testing/memory-bench.ts";

const DAY_MS = 86_400_000;
const reason = "because";
const running = new AbortController().signal;

async function days({ world }: MemoryBench, count: number): Promise<void> {
	for (let day = 0; day < count; day++) await world.advance(DAY_MS);
}

const idsIn = async ({ database }: MemoryBench) =>
	(await database.read((reader) => reader.all<{ id: string }>(sql`SELECT id FROM memories ORDER BY rowid`))).map(
		({ id }) => id,
	);

function find({ database, world }: MemoryContext, content: string) {
	const draft = draftText({ content, why: null, sourceType: "file" }, noCleaner);
	return database.write((writer) => ingest(writer, draft, ana, { world, isExtracted: false, origin: "found" }));
}

test("what was forgotten is removed after its time, and not before; that it was stays known to programs", async () => {
	await using bench = await memoryBench();
	const kept = await bench.keep("The ferry sails at noon");
	const old = await bench.keep("The harbour is closed");
	await forget(bench, { id: old, reason, force: false }, ana);
	await days(bench, 20);
	const later = await bench.keep("The lighthouse is dark");
	await forget(bench, { id: later, reason, force: false }, ana);
	expect((await sweep(bench, running)).tombstonesPurged).toBe(0);
	await days(bench, 12);
	expect(await sweep(bench, running)).toMatchObject({ tombstonesPurged: 1, historyPurged: 0 });
	expect(await idsIn(bench)).toEqual([kept, later]);
	expect((await readHistory(bench.database, old, { scope: EVERYTHING, order: "asc", limit: 9 }))?.history).toHaveLength(
		2,
	);

	expect((await find(bench, "the harbour is CLOSED.")).outcome).toBe("forgotten");
	const { id } = await remember(bench, { content: "The harbour is closed" }, ana);
	expect(id).not.toBe(old);
	await forget(bench, { id, reason, force: false }, ana);
	expect((await find(bench, "The harbour is closed")).outcome).toBe("forgotten");

	await days(bench, 190);
	await sweep(bench, running);
	expect(await readHistory(bench.database, old, { scope: EVERYTHING, order: "asc", limit: 9 })).toBeUndefined();
	expect(
		(await readHistory(bench.database, kept, { scope: EVERYTHING, order: "asc", limit: 9 }))?.history,
	).toHaveLength(1);
});

test("times in any form count, and a forgotten memory without one is kept", async () => {
	await using bench = await memoryBench();
	const ids: string[] = [];
	for (const [at, deletedAt] of [
		"2025-11-01 10:00:00",
		"2025-11-01T10:00:00Z",
		null,
		"2025-12-20 10:00:00",
	].entries()) {
		const id = await bench.keep(`Forgotten by another program, number ${at}`);
		await bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET is_deleted = 1, deleted_at = ${deletedAt} WHERE id = ${id}`),
		);
		ids.push(id);
	}
	expect((await sweep(bench, running)).tombstonesPurged).toBe(2);
	expect(await idsIn(bench)).toEqual(ids.slice(2));
});

test("entities are counted by who mentions them; what nobody mentions goes with its relations, and nothing else", async () => {
	await using bench = await memoryBench();
	const gone = await bench.keep("Ada wrote the first program");
	const stays = await bench.keep("Ada met Charles");
	const at = "2025-01-01T00:00:00.000Z";
	await bench.database.write(async (writer) => {
		for (const [id, mentions] of [
			["ada", 7],
			["program", 1],
			["never mentioned", 0],
		] as const) {
			await writer.run(sql`INSERT INTO entities (id, name, entity_type, mentions, created_at, updated_at)
				VALUES (${id}, ${id}, 'thing', ${mentions}, ${at}, ${at})`);
		}
		await writer.run(sql`INSERT INTO relations (id, source_entity_id, target_entity_id, relation_type, created_at)
			VALUES ('wrote', 'ada', 'program', 'wrote', ${at})`);
		for (const [memory, entity] of [
			[gone, "ada"],
			[gone, "program"],
			[stays, "ada"],
		]) {
			await writer.run(sql`INSERT INTO memory_entity_mentions (memory_id, entity_id) VALUES (${memory}, ${entity})`);
		}
	});
	await forget(bench, { id: gone, reason, force: false }, ana);
	await days(bench, 32);
	expect(await sweep(bench, running)).toMatchObject({ tombstonesPurged: 1, entitiesOrphaned: 1, graphLinksPurged: 2 });
	const left = await bench.database.read((reader) =>
		reader.all(sql`SELECT id, mentions FROM entities UNION ALL SELECT id, 0 FROM relations ORDER BY id`),
	);
	expect(left).toEqual([
		{ id: "ada", mentions: 1 },
		{ id: "never mentioned", mentions: 0 },
	]);
});

test("jobs are kept for a while after their end, and for as long as they have none", async () => {
	await using bench = await memoryBench();
	const ago = (count: number) => new Date(bench.world.clock.now() - count * DAY_MS).toISOString();
	await bench.database.write(async (writer) => {
		for (const [id, status, at] of [
			["done long ago", "completed", ago(15)],
			["done lately", "completed", ago(13)],
			["dead long ago", "dead", ago(31)],
			["dead lately", "dead", ago(29)],
			["waiting", "pending", ago(400)],
		] as const) {
			await writer.run(sql`INSERT INTO memory_jobs (id, memory_id, job_type, status, completed_at, failed_at, created_at, updated_at)
				VALUES (${id}, 'm', 'extract', ${status}, ${at}, ${at}, ${at}, ${at})`);
		}
	});
	expect(await sweep(bench, running)).toMatchObject({ completedJobsPurged: 1, deadJobsPurged: 1 });
	const left = await bench.database.read((reader) => reader.all(sql`SELECT id FROM memory_jobs ORDER BY id`));
	expect(left).toEqual([{ id: "dead lately" }, { id: "done lately" }, { id: "waiting" }]);
});

test("hundreds are removed in small commits", async () => {
	await using bench = await memoryBench();
	await bench.database.write(async (writer) => {
		for (let n = 0; n < 300; n++) {
			await writer.run(sql`INSERT INTO memories (id, content, type, is_deleted, deleted_at, created_at, updated_at, updated_by)
				VALUES (${`m${n}`}, ${`Text ${n}`}, 'fact', 1, '2025-01-01', '2025-01-01', '2025-01-01', 'x')`);
			await writer.run(sql`INSERT INTO memory_history (id, memory_id, event, changed_by, created_at)
				VALUES (${`h${n}`}, ${n % 2 === 0 ? "kept" : `m${n}`}, 'created', 'x', '2025-01-01T00:00:00.000Z')`);
		}
		await writer.run(sql`INSERT INTO memories (id, content, type, created_at, updated_at, updated_by)
			VALUES ('kept', 'Kept', 'fact', '2025-01-01', '2025-01-01', 'x')`);
	});
	expect(await sweep(bench, running)).toMatchObject({ tombstonesPurged: 300, historyPurged: 150 });
	expect(await idsIn(bench)).toEqual(["kept"]);
});
