import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededWorld } from "@signet/core/testing";
import { type Database, openSqlite, putEmbedding, sql } from "@signet/db";
import { VectorTableKeeper } from "./vector-table-keeper.ts";

/** A file that is opened, compared and closed again and again. */
function workspace() {
	const folder = mkdtempSync(join(tmpdir(), "signet-keeper-"));
	const file = join(folder, "memories.db");
	return {
		file,
		/** Give back how many comparisons a start needed; `between` is done after the first of them. */
		async start(
			work: (database: Database) => Promise<unknown> = async () => undefined,
			between: (database: Database) => Promise<unknown> = async () => undefined,
		): Promise<number> {
			const world = seededWorld();
			const { database } = await openSqlite({
				file,
				world,
				vectorTable: { libraryFile: undefined, cacheFolder: folder },
				stampFile: join(folder, "stamp"),
				onDerivationFailure: (error) => expect(error).toBeNull(),
			});
			let comparisons = 0;
			const { vectorTable } = database;
			const compare = vectorTable.compare.bind(vectorTable);
			vectorTable.compare = async (reader, range) => {
				const comparison = await compare(reader, range);
				if (++comparisons === 1) await between(database);
				return comparison;
			};
			await new VectorTableKeeper(database, world.timers).reconcile();
			await work(database);
			await database.close();
			return comparisons;
		},
		/** What another program does to the file. */
		elsewhere(statement: string): void {
			const db = new SqliteFile(file);
			db.run(statement);
			db.close();
		},
		entered(): string[] {
			const db = new SqliteFile(file, { readonly: true });
			const rows = db.query<{ id: string }, []>("SELECT id FROM vec_embeddings_rowids ORDER BY id").all();
			db.close();
			return rows.map(({ id }) => id);
		},
		[Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
	};
}

async function storeVectors(database: Database): Promise<void> {
	await database.write(async (writer) => {
		for (const id of ["a", "b", "c"]) {
			await writer.run(sql`INSERT INTO memories (id, content, type, created_at, updated_at, updated_by)
				VALUES (${id}, '', 'fact', '2026', '2026', 'test')`);
			const vector = Float32Array.of(1, id.charCodeAt(0));
			await putEmbedding(writer, { id, contentHash: id, vector, memoryId: id, chunkText: "", createdAt: "2026" });
		}
	});
}

test("a start after which nobody else wrote compares nothing, whatever we wrote ourselves", async () => {
	using home = workspace();
	expect(await home.start(storeVectors)).toBe(1);
	expect(await home.start()).toBe(0);
	expect(home.entered()).toEqual(["a", "b", "c"]);
	expect(await home.start()).toBe(0);
});

test.each([
	["takes one out of the table", "DELETE FROM vec_embeddings_rowids WHERE id = 'b'"],
	["removes a memory", "DELETE FROM memories WHERE id = 'b'"],
])("a start after another program %s compares and mends", async (_, statement) => {
	using home = workspace();
	await home.start(storeVectors);
	await home.start();
	home.elsewhere(statement);
	expect(await home.start()).toBe(2);
	expect(home.entered()).toEqual(statement.includes("memories") ? ["a", "c"] : ["a", "b", "c"]);
	expect(await home.start()).toBe(0);
});

test("what another program writes while we are there is found at the next start", async () => {
	using home = workspace();
	await home.start(storeVectors);
	await home.start(async () => home.elsewhere("DELETE FROM vec_embeddings_rowids WHERE id = 'c'"));
	expect(await home.start()).toBe(2);
	expect(home.entered()).toEqual(["a", "b", "c"]);
});

test("what another program writes while all is compared is found at the next start, though it was noticed before the end", async () => {
	using home = workspace();
	await home.start(storeVectors);
	await home.start();
	home.elsewhere("DELETE FROM vec_embeddings_rowids WHERE id = 'a'");
	await home.start(
		async () => undefined,
		async (database) => {
			home.elsewhere("DELETE FROM vec_embeddings_rowids WHERE id = 'c'");
			await database.scrub();
		},
	);
	expect(await home.start()).toBe(2);
	expect(home.entered()).toEqual(["a", "b", "c"]);
});

test("what another program has written only to the log is seen", async () => {
	using home = workspace();
	await home.start(storeVectors);
	await home.start();
	using other = new SqliteFile(home.file);
	other.run("DELETE FROM vec_embeddings_rowids WHERE id = 'a'");
	expect(await home.start()).toBe(2);
	expect(home.entered()).toEqual(["a", "b", "c"]);
});
