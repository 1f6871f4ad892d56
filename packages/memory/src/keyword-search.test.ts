import { expect, test } from "bun:test";
import { EVERYTHING, type MemoryFilter } from "@signet/core";
import { insertMemory, sql } from "@signet/db";
import { newMemory, temporaryDatabase } from "@signet/db/testing";
import { listAuthors, searchKeywords } from "./index.ts";

/** Days before the world's beginning. */
const daysAgo = (days: number) => new Date(Date.UTC(2026, 0, 1) - days * 86_400_000).toISOString();

async function bench() {
	const temporary = await temporaryDatabase();
	const { database } = temporary;
	await database.write(async (writer) => {
		const add = (id: string, rest: Partial<Parameters<typeof newMemory>[0]>) =>
			insertMemory(writer, newMemory({ id, ...rest }));
		await add("prefix", { content: "Cache keys carry a version prefix", tags: "cache,naming", createdAt: daysAgo(10) });
		await add("flush", {
			content: "The cache is flushed on deploy",
			who: "ben",
			tags: "cached",
			createdAt: daysAgo(60),
		});
		await add("poison", {
			content: "Cache poisoning is reported",
			importance: 1,
			pinned: true,
			createdAt: daysAgo(300),
		});
		await add("redis", {
			content: "Redis it is",
			who: "cid",
			importance: 0.5,
			tags: '["cache"]',
			createdAt: daysAgo(0.9),
		});
		await add("gone", { content: "The cache key is hunter2", who: "eve", tags: "cache", pinned: true });
		await writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = 'gone'`);
	});
	return {
		...temporary,
		search: async (text: string, filter: Omit<MemoryFilter, "scope"> = {}, limit = 10) =>
			(await searchKeywords(temporary, { text, filter: { ...filter, scope: EVERYTHING }, limit })).map(
				({ memory, score }) => ({ id: memory.id, score }),
			),
		[Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
	};
}

test("words: all of them, best first, with the score that SQLite gives", async () => {
	await using temporary = await bench();
	const { search, database } = temporary;
	const found = await search("cache");
	expect(found.map(({ id }) => id).sort()).toEqual(["flush", "poison", "prefix"]);
	const own = await database.read((reader) =>
		reader.all<{ id: string; score: number }>(
			sql`SELECT m.id, bm25(memories_fts) AS score FROM memories_fts JOIN memories m ON m.rowid = memories_fts.rowid
				WHERE memories_fts MATCH 'cache' AND m.is_deleted = 0 ORDER BY score, m.rowid`,
		),
	);
	expect(found).toEqual(own);
	expect((await search("cache deploy")).map(({ id }) => id)).toEqual(["flush"]);
	expect(await search("hunter2")).toEqual([]);
	expect((await search("cache", { tags: ["cache"] })).map(({ id }) => id)).toEqual(["prefix"]);
	expect(await search("cache", {}, 1)).toEqual(own.slice(0, 1));
});

test("filters alone: the pinned, the important and the new first", async () => {
	await using temporary = await bench();
	const { search } = temporary;
	expect(await search(" ", { importanceMin: 0 })).toEqual([
		{ id: "poison", score: 1 },
		{ id: "redis", score: 0.5 },
		{ id: "prefix", score: expect.closeTo(0.478989551390703, 12) },
		{ id: "flush", score: expect.closeTo(0.08, 12) },
	]);
	expect((await search("", { tags: ["cache"] })).map(({ id }) => id)).toEqual(["redis", "prefix"]);
	expect((await search("", { importanceMin: 0 }, 2)).map(({ id }) => id)).toEqual(["poison", "redis"]);
	expect(await search("", {})).toEqual([]);
});

test("authors are those of memories that stand", async () => {
	await using temporary = await bench();
	expect(await listAuthors(temporary, EVERYTHING)).toEqual(["ana", "ben", "cid"]);
});
