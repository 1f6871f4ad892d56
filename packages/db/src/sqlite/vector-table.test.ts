import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import sql from "sql-template-tag";
import type { Database } from "../database.ts";
import { putEmbedding } from "../stores/embeddings.ts";
import { temporaryDatabase } from "../testing/index.ts";
import { vectorLibraryFile } from "./vector-library.ts";

/** What another program finds with the same library. */
function nearest(file: string, query: Float32Array): string[] {
	const db = new SqliteFile(file, { readonly: true });
	try {
		db.loadExtension(vectorLibraryFile() ?? "");
		return db
			.query<{ id: string }, [Uint8Array, number]>("SELECT id FROM vec_embeddings WHERE embedding MATCH ? AND k = ?")
			.all(new Uint8Array(query.buffer), 10)
			.map(({ id }) => id);
	} finally {
		db.close();
	}
}

const embed = (database: Database, id: string, vector: Float32Array) =>
	database.write(async (writer) => {
		await writer.run(sql`INSERT OR IGNORE INTO memories (id, content, type, created_at, updated_at, updated_by)
			VALUES (${id}, '', 'fact', '2026', '2026', 'test')`);
		await putEmbedding(writer, { id, contentHash: id, vector, memoryId: id, chunkText: "", createdAt: "2026" });
	});

/** Store vectors where the table finds them, and enter them. */
async function put(database: Database, vectors: Record<string, Float32Array>): Promise<void> {
	for (const [id, vector] of Object.entries(vectors)) await embed(database, id, vector);
	const dimensions = Object.values(vectors)[0]?.length ?? 0;
	await database.write((writer) => database.vectorTable.put(writer, Object.keys(vectors), dimensions));
}

test("another program finds what was put, and the replaced vector under the old id", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	await put(database, { a: Float32Array.of(1, 0, 0, 0), b: Float32Array.of(0, 1, 0, 0) });
	await put(database, { a: Float32Array.of(0, 0, 1, 0) });
	expect(database.vectorTable.problem).toBeUndefined();
	expect(nearest(temporary.file, Float32Array.of(0, 0, 1, 0.1))[0]).toBe("a");
	expect(nearest(temporary.file, Float32Array.of(0, 1, 0, 0.1))[0]).toBe("b");
});

test("vectors of another length make the table anew", async () => {
	await using temporary = await temporaryDatabase();
	await put(temporary.database, { a: Float32Array.of(1, 0, 0, 0) });
	await put(temporary.database, { b: Float32Array.of(1, 0) });
	expect(nearest(temporary.file, Float32Array.of(1, 0))).toEqual(["b"]);
});

/** Compare a few at a time and mend what differs, as at a start. */
async function reconcile(database: Database): Promise<string[][]> {
	const steps: string[][] = [];
	for (let afterId: string | undefined = ""; afterId !== undefined; ) {
		const range: { afterId: string; limit: number } = { afterId, limit: 2 };
		const { differing, lastId } = await database.read((reader) => database.vectorTable.compare(reader, range));
		if (differing.length > 0) steps.push([...differing].sort());
		await database.write((writer) => database.vectorTable.put(writer, differing));
		afterId = lastId;
	}
	return steps;
}

test("comparing finds what is missing and what is left over, whoever wrote to either side", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	await put(database, { b: Float32Array.of(1, 1, 1, 1), orphan: Float32Array.of(1, 1, 1, 1) });
	for (const id of ["a", "b", "c"]) await embed(database, id, Float32Array.of(1, id.charCodeAt(0), 0, 0));
	await embed(database, "other length", Float32Array.of(1, 2));
	await database.write((writer) => writer.run(sql`DELETE FROM embeddings WHERE id = 'orphan'`));
	await database.write((writer) => writer.run(sql`DELETE FROM sgn_vector_changes`));
	expect(await reconcile(database)).toEqual([["a"], ["c", "orphan"]]);
	expect(nearest(temporary.file, Float32Array.of(1, 0, 0, 0)).sort()).toEqual(["a", "b", "c"]);
	expect(await reconcile(database)).toEqual([]);
});

test("rows that changed stand in a list until they are in step, whoever changed them", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	const changed = () => database.read((reader) => database.vectorTable.changed(reader, 10));
	await put(database, { a: Float32Array.of(1, 0), b: Float32Array.of(0, 1) });
	expect(await changed()).toEqual([]);
	await database.write((writer) => writer.run(sql`UPDATE embeddings SET vector = zeroblob(8) WHERE id = 'a'`));
	await database.write((writer) => writer.run(sql`DELETE FROM embeddings WHERE id = 'b'`));
	expect(await changed()).toEqual(["a", "b"]);
	await database.write((writer) => database.vectorTable.put(writer, ["a", "b"]));
	expect(await changed()).toEqual([]);
	expect(nearest(temporary.file, Float32Array.of(1, 0))).toEqual(["a"]);
});

test("a vector that cannot be entered is a stated problem, and the write goes on", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	await put(database, { a: Float32Array.of(1, 0), b: Float32Array.of(1, 0) });
	await database.write(async (writer) => {
		await writer.run(sql`DROP TABLE vec_embeddings`);
		await writer.run(sql`CREATE TABLE vec_embeddings (id TEXT, "FLOAT[2]" BLOB)`);
		await database.vectorTable.put(writer, ["b"], 2);
		await writer.run(sql`INSERT INTO sgn_state (key, value) VALUES ('kept', '')`);
	});
	expect(database.vectorTable.problem).toContain("vec_embeddings");
	expect(await database.read((reader) => reader.get(sql`SELECT key FROM sgn_state`))).toEqual({ key: "kept" });
});
