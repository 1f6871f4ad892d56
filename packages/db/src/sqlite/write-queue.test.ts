import { Database as SqliteFile } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { RequestError } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import sql from "sql-template-tag";
import type { Database, Writer } from "../database.ts";
import { temporaryDatabase } from "../testing/index.ts";
import { WriteQueue } from "./write-queue.ts";

/** A database with a table of its own to write to. */
async function scratchDatabase() {
	const temporary = await temporaryDatabase();
	await temporary.database.write((writer) => writer.run(sql`CREATE TABLE scratch (key TEXT PRIMARY KEY, value TEXT)`));
	return temporary;
}

const insert = (writer: Writer, key: string) => writer.run(sql`INSERT INTO scratch (key, value) VALUES (${key}, '')`);
const keys = (database: Database) =>
	database.read(async (reader) => (await reader.all<{ key: string }>(sql`SELECT key FROM scratch`)).map((r) => r.key));

describe("write", () => {
	test("settles when a reader can see the change", async () => {
		await using temporary = await scratchDatabase();
		await temporary.database.write((writer) => insert(writer, "a"));
		expect(await keys(temporary.database)).toEqual(["a"]);
	});

	test("undoes what a throwing work did, and only that", async () => {
		await using temporary = await scratchDatabase();
		const { database } = temporary;
		const outcomes = await Promise.allSettled([
			database.write((writer) => insert(writer, "before")),
			database.write(async (writer) => {
				await insert(writer, "half done");
				throw new Error("changed my mind");
			}),
			database.write((writer) => insert(writer, "after")),
		]);
		expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(await keys(database)).toEqual(["after", "before"]);
	});

	test("works that wait together share a commit", async () => {
		await using temporary = await scratchDatabase();
		let commits = 0;
		temporary.database.beforeCommit(async () => {
			commits++;
			return undefined;
		});
		const works = Array.from({ length: 200 }, (_, i) => temporary.database.write((writer) => insert(writer, `k${i}`)));
		await Promise.all(works);
		expect(await keys(temporary.database)).toHaveLength(200);
		expect(commits).toBeLessThanOrEqual(4);
	});

	test("a work sees what earlier works of the same commit did", async () => {
		await using temporary = await scratchDatabase();
		const first = temporary.database.write((writer) => insert(writer, "shared"));
		const second = temporary.database.write((writer) => writer.get(sql`SELECT key FROM scratch WHERE key = 'shared'`));
		await first;
		expect(await second).toEqual({ key: "shared" });
	});

	test("what can wait goes along with the next commit", async () => {
		await using temporary = await scratchDatabase();
		const { database } = temporary;
		const commits: string[][] = [];
		database.beforeCommit(async (writer) => {
			const rows = await writer.all<{ key: string }>(sql`SELECT key FROM scratch ORDER BY key`);
			return () => commits.push(rows.map(({ key }) => key));
		});
		const later = database.writeSoon((writer) => insert(writer, "b"));
		await database.write((writer) => insert(writer, "a"));
		await later;
		expect(commits).toEqual([["a", "b"]]);
	});

	test("what can wait gets its own commit when no other comes, and when the database is closed", async () => {
		await using temporary = await scratchDatabase();
		const { database, world } = temporary;
		const later = database.writeSoon((writer) => insert(writer, "a"));
		await world.advance(1_000);
		await later;
		expect(await keys(database)).toEqual(["a"]);
		const last = database.writeSoon((writer) => insert(writer, "b"));
		await database.close();
		expect(await last).toBe(1);
	});

	test("closing waits for what was accepted", async () => {
		await using temporary = await scratchDatabase();
		const accepted = temporary.database.write((writer) => insert(writer, "late"));
		await temporary.database.close();
		await accepted;
		const file = new SqliteFile(temporary.file, { readonly: true });
		expect(file.query("SELECT key FROM scratch").all()).toEqual([{ key: "late" }]);
		file.close();
		expect(temporary.database.write((writer) => insert(writer, "too late"))).rejects.toThrow("stopping");
	});
});

describe("a full disk", () => {
	test("fails what does not fit with a sentence, keeps what does, and the next commit works", async () => {
		await using temporary = await scratchDatabase();
		const { database } = temporary;
		await database.write(async (writer) => {
			const pages = await writer.get<{ page_count: number }>(sql`PRAGMA page_count`);
			await writer.get({
				...sql``,
				sql: `PRAGMA max_page_count = ${(pages?.page_count ?? 0) + 4}`,
				values: [],
			} as never);
		});
		const big = "x".repeat(64 * 1024);
		const outcomes = await Promise.allSettled([
			database.write((writer) => insert(writer, "small")),
			database.write((writer) => writer.run(sql`INSERT INTO scratch (key, value) VALUES ('big', ${big})`)),
		]);
		expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
		const [, failed] = outcomes;
		expect(failed?.status === "rejected" && failed.reason).toBeInstanceOf(RequestError);
		expect(failed?.status === "rejected" && failed.reason.code).toBe("storage_full");
		expect(await keys(database)).toEqual(["small"]);
		await database.write((writer) => insert(writer, "fits"));
		expect(await keys(database)).toEqual(["fits", "small"]);
	});
});

describe("work before a commit", () => {
	test("is part of the commit and may act after it", async () => {
		await using temporary = await scratchDatabase();
		const seen: string[] = [];
		temporary.database.beforeCommit(async (writer) => {
			const rows = await writer.all<{ key: string }>(sql`SELECT key FROM scratch WHERE value = ''`);
			await writer.run(sql`UPDATE scratch SET value = 'derived' WHERE value = ''`);
			return () => seen.push(...rows.map(({ key }) => key));
		});
		await temporary.database.write((writer) => insert(writer, "a"));
		expect(seen).toEqual(["a"]);
		const row = await temporary.database.read((reader) => reader.get(sql`SELECT value FROM scratch`));
		expect(row).toEqual({ value: "derived" });
	});

	test("fails alone", async () => {
		await using temporary = await scratchDatabase();
		temporary.database.beforeCommit(async (writer) => {
			await insert(writer, "derived");
			throw new Error("cannot derive");
		});
		await temporary.database.write((writer) => insert(writer, "a"));
		expect(await keys(temporary.database)).toEqual(["a"]);
		expect(temporary.derivationFailures).toHaveLength(1);
	});

	test("who fails to hear of a commit does not stop the next one", async () => {
		await using temporary = await scratchDatabase();
		temporary.database.beforeCommit(async () => () => {
			throw new Error("not listening");
		});
		await temporary.database.write((writer) => insert(writer, "a"));
		await temporary.database.write((writer) => insert(writer, "b"));
		expect(await keys(temporary.database)).toEqual(["a", "b"]);
		expect(temporary.derivationFailures).toHaveLength(2);
	});

	test("what is committed was written, even if counting what wrote fails", async () => {
		const db = new SqliteFile(":memory:");
		const failures: unknown[] = [];
		const queue = new WriteQueue(
			db,
			seededWorld().timers,
			(error) => failures.push(error),
			() => {
				throw new Error("no thread");
			},
		);
		await queue.add((writer) => writer.run(sql`CREATE TABLE scratch (key TEXT PRIMARY KEY, value TEXT)`));
		expect(await queue.add((writer) => insert(writer, "a"))).toBe(1);
		expect(failures).toHaveLength(2);
		db.close();
	});
});
