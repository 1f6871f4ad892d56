import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import sql from "sql-template-tag";
import { temporaryDatabase } from "../testing/index.ts";
import { openSqlite } from "./open.ts";

const PATIENCE_MS = 10_000;
const TEXT = "x".repeat(1_000);

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

test("the log is moved into the file while somebody reads and writes, long before a commit would have to", async () => {
	await using temporary = await temporaryDatabase();
	const { database, file } = temporary;
	await database.write((writer) => writer.run(sql`CREATE TABLE scratch (key INTEGER PRIMARY KEY, value TEXT)`));
	const before = sizeOf(file);
	let rows = 0;
	const deadline = performance.now() + PATIENCE_MS;
	while (sizeOf(file) === before && performance.now() < deadline) {
		const first = rows;
		await database.write(async (writer) => {
			for (let row = first; row < first + 20; row++)
				await writer.run(sql`INSERT INTO scratch VALUES (${row}, ${TEXT})`);
		});
		rows += 20;
		const { count } = (await database.read((reader) =>
			reader.get<{ count: number }>(sql`SELECT count(*) AS count FROM scratch`),
		)) ?? { count: 0 };
		expect(count).toBe(rows);
	}
	expect(sizeOf(file)).toBeGreaterThan(before);
	await database.close();
	expect(sizeOf(`${file}-wal`)).toBe(0);
}, 30_000);

test("closing ends what is under way, and leaves everything in one file", async () => {
	await using temporary = await temporaryDatabase();
	const { database, file } = temporary;
	await database.write((writer) => writer.run(sql`CREATE TABLE scratch (key INTEGER PRIMARY KEY, value TEXT)`));
	// Enough for the thread to begin, and closed before it can have ended.
	await database.write(async (writer) => {
		for (let row = 0; row < 1_000; row++) await writer.run(sql`INSERT INTO scratch VALUES (${row}, ${TEXT})`);
	});
	await database.close();
	expect(sizeOf(`${file}-wal`)).toBe(0);
	expect(sizeOf(file)).toBeGreaterThan(1_000 * TEXT.length);
}, 30_000);

test("a file that somebody puts in the place of the database is left as it is", async () => {
	await using temporary = await temporaryDatabase();
	const { database, file } = temporary;
	await database.write((writer) => writer.run(sql`CREATE TABLE scratch (key INTEGER PRIMARY KEY, value TEXT)`));
	const copy = `${file}-copy`;
	using reader = new SqliteFile(file, { readonly: true });
	reader.run("VACUUM INTO ?", [copy]);
	const bytes = readFileSync(copy);
	renameSync(copy, file);
	for (let round = 0; round < 5; round++) {
		await database.write(async (writer) => {
			for (let row = 0; row < 400; row++) await writer.run(sql`INSERT INTO scratch (value) VALUES (${TEXT})`);
		});
	}
	expect((await database.scrub()).problems).toEqual([expect.stringContaining("moved away")]);
	await database.close();
	expect(readFileSync(file).equals(bytes)).toBe(true);
}, 30_000);

test("what was erased leaves the log although others write all the time", async () => {
	const cacheFolder = mkdtempSync(join(tmpdir(), "signet-db-"));
	const { database } = await openSqlite({
		file: join(cacheFolder, "memories.db"),
		// Time has to pass for the thread, and for whoever tries again.
		world: realWorld,
		vectorTable: { libraryFile: undefined, cacheFolder },
		onDerivationFailure: () => undefined,
	});
	await database.write((writer) => writer.run(sql`CREATE TABLE scratch (key INTEGER PRIMARY KEY, value TEXT)`));
	let isOver = false;
	let key = 0;
	const writing = (async () => {
		while (!isOver) {
			await database.write(async (writer) => {
				for (let row = 0; row < 400; row++) await writer.run(sql`INSERT INTO scratch VALUES (${key++}, ${TEXT})`);
			});
		}
	})();
	try {
		for (let round = 0; round < 5; round++) expect((await database.scrub()).problems).toEqual([]);
	} finally {
		isOver = true;
		await writing;
		await database.close();
		rmSync(cacheFolder, { recursive: true });
	}
}, 60_000);
