import { expect, test } from "bun:test";
import { EVERYTHING, isoTime, noGuard } from "@signet/core";
import { insertMemory, putEmbedding, sql } from "@signet/db";
import { newMemory, temporaryDatabase } from "@signet/db/testing";
import { type ExportedEmbedding, type ExportRequest, exportEmbeddings } from "./index.ts";

const COUNT = 60;

/** Memories `m0` (the oldest) to `m59`, each with a vector of two numbers. */
async function bench() {
	const temporary = await temporaryDatabase();
	const { database } = temporary;
	await database.write(async (writer) => {
		for (let n = 0; n < COUNT; n++) {
			const createdAt = isoTime(Date.UTC(2026, 0, 1) + n);
			const id = `m${n}`;
			await insertMemory(writer, newMemory({ id, createdAt }));
			const vector = Float32Array.of(n, 0.1);
			await putEmbedding(writer, { id: `e${n}`, contentHash: id, vector, memoryId: id, chunkText: id, createdAt });
		}
		await insertMemory(writer, newMemory({ id: "bare" }));
	});
	return temporary;
}

async function all(temporary: Awaited<ReturnType<typeof bench>>, request: ExportRequest) {
	const { total, batches } = await exportEmbeddings({ ...temporary, guard: noGuard }, request);
	const exported: ExportedEmbedding[] = [];
	for await (const batch of batches) exported.push(...batch);
	return { total, ids: exported.map(({ memory }) => memory.id), vectors: exported.map(({ vector }) => vector) };
}

test("gives a page of what has a vector, the newest first, with the vectors when they are asked for", async () => {
	await using temporary = await bench();
	const plain = await all(temporary, { scope: EVERYTHING, offset: 0, limit: 100, withVectors: false });
	expect(plain.total).toBe(COUNT);
	expect(plain.ids).toEqual(Array.from({ length: COUNT }, (_, at) => `m${COUNT - 1 - at}`));
	expect(new Set(plain.vectors)).toEqual(new Set([undefined]));
	const some = await all(temporary, { scope: EVERYTHING, offset: 2, limit: 51, withVectors: true });
	expect(some.ids).toEqual(plain.ids.slice(2, 53));
	expect(some.vectors[0]).toEqual(Float32Array.of(57, 0.1));
	expect((await all(temporary, { scope: EVERYTHING, offset: COUNT, limit: 50, withVectors: true })).ids).toEqual([]);
});

test("leaves out what was forgotten, and gives a memory once however often it was embedded", async () => {
	await using temporary = await bench();
	await temporary.database.write(async (writer) => {
		await writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = 'm59'`);
		await putEmbedding(writer, {
			id: "newer",
			contentHash: "another text",
			vector: Float32Array.of(7, 7),
			memoryId: "m58",
			chunkText: "",
			createdAt: "2026-02-01T00:00:00.000Z",
		});
		await writer.run(sql`UPDATE embeddings SET dimensions = 1 WHERE source_id = 'm57'`);
		await writer.run(sql`UPDATE embeddings SET dimensions = 9 WHERE source_id = 'm56'`);
		await writer.run(sql`UPDATE embeddings SET vector = 'broken' WHERE source_id = 'm55'`);
	});
	const { total, ids, vectors } = await all(temporary, { scope: EVERYTHING, offset: 0, limit: 5, withVectors: true });
	expect(total).toBe(COUNT - 1);
	expect(ids).toEqual(["m58", "m57", "m56", "m55", "m54"]);
	expect(vectors).toEqual([
		Float32Array.of(7, 7),
		Float32Array.of(57),
		Float32Array.of(56, 0.1),
		undefined,
		Float32Array.of(54, 0.1),
	]);
});
