import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import {
	countMemories,
	deleteDocument,
	deleteModel,
	ensureModel,
	insertDocument,
	insertMemory,
	putCode,
	type Writer,
} from "../index.ts";
import { newMemory, temporaryDatabase } from "../testing/index.ts";

const document = (memoryId: string, chunk = 0) => ({
	memoryId,
	chunk,
	chunkId: null,
	start: 0,
	end: 1,
	fingerprint: 0,
	embeddingHash: null,
	words: " w ",
	wordCount: 1,
	wordsFrom: 0,
});
const code = new Uint8Array(8);

test("counts hold whoever writes to the file, and however", async () => {
	await using temporary = await temporaryDatabase();
	const { database, file } = temporary;
	await database.write(async (writer) => {
		for (const [id, importance] of [
			["a", 0.9],
			["b", 0.5],
			["c", 1],
		] as const) {
			await insertMemory(writer, newMemory({ id, importance }));
		}
	});
	const other = new SqliteFile(file);
	other.run("UPDATE memories SET is_deleted = 1 WHERE id = 'a'");
	other.run(
		"INSERT OR REPLACE INTO memories (id, content, importance, created_at, updated_at) VALUES ('b', 'B', 0.95, '2026-01-01', '2026-01-01')",
	);
	other.run(
		"INSERT INTO memories (id, content, importance, is_deleted, created_at, updated_at) VALUES ('d', 'D', 1, NULL, 'now', 'now')",
	);
	other.run("DELETE FROM memories WHERE id = 'c'");
	other.close();
	expect(await database.read((reader) => countMemories(reader, EVERYTHING))).toMatchObject({
		total: 2,
		critical: 2,
		deleted: 1,
	});
});

test("a memory counts as embedded once, as long as it has a vector of any model", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	const embedded = async () => (await database.read((reader) => countMemories(reader, EVERYTHING))).withEmbeddings;
	const write = <T>(work: (writer: Writer) => Promise<T>) => database.write(work);
	const [first, second] = await write(
		async (writer) => [await ensureModel(writer, "first", 64), await ensureModel(writer, "second", 64)] as const,
	);
	const whole = await write((writer) => insertDocument(writer, document("whole")));
	const chunks = await write(async (writer) => [
		await insertDocument(writer, document("long")),
		await insertDocument(writer, document("long", 1)),
	]);
	expect(await embedded()).toBe(0);
	for (const doc of [whole, ...chunks]) await write((writer) => putCode(writer, first.id, { doc, code }));
	await write((writer) => putCode(writer, first.id, { doc: whole, code }));
	await write((writer) => putCode(writer, second.id, { doc: whole, code }));
	expect(await embedded()).toBe(2);
	await write((writer) => deleteModel(writer, first.id));
	expect(await embedded()).toBe(1);
	await write((writer) => deleteDocument(writer, whole));
	expect(await embedded()).toBe(0);
});
