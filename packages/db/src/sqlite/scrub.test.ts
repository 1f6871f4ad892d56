import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import sql from "sql-template-tag";
import { temporaryDatabase } from "../testing/index.ts";

test("tables of a change that is undone later are no business of it", async () => {
	await using temporary = await temporaryDatabase();
	const { database, world } = temporary;
	const { promise: made, resolve } = Promise.withResolvers<void>();
	const undone = database.write(async (writer) => {
		await writer.run(sql`CREATE VIRTUAL TABLE passing USING fts5(text)`);
		resolve();
		await world.timers.yield();
		throw new Error("changed my mind");
	});
	await made;
	const [change, scrubbed] = await Promise.allSettled([undone, database.scrub()]);
	expect(change.status).toBe("rejected");
	expect(scrubbed).toEqual({ status: "fulfilled", value: { copies: [], problems: [] } });
});

test("emptying a large log is not taken for what another program has written", async () => {
	await using temporary = await temporaryDatabase();
	const { database, file } = temporary;
	const { vectorTable } = database;
	await database.write(async (writer) => {
		await vectorTable.beginComparing(writer);
		await vectorTable.setCompared(writer);
		await writer.run(sql`CREATE TABLE scratch (key INTEGER PRIMARY KEY, value TEXT)`);
		for (let row = 0; row < 20_000; row++)
			await writer.run(sql`INSERT INTO scratch VALUES (${row}, ${"x".repeat(1_000)})`);
	});
	expect(statSync(`${file}-wal`).size).toBeGreaterThan(16_000_000);
	expect((await database.scrub()).problems).toEqual([]);
	expect(statSync(`${file}-wal`).size).toBe(0);
	expect((await database.scrub()).problems).toEqual([]);
	expect(await database.read((reader) => vectorTable.isCompared(reader))).toBe(true);
}, 30_000);
