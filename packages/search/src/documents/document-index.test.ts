import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { type Database, documentsWith, sql } from "@signet/db";
import fc from "fast-check";
import { tokenise } from "../lexical/tokenise.ts";
import { recall } from "../recall/recall.ts";
import { forget, workbench } from "../testing/workbench.ts";
import { divide } from "./document-index.ts";

const CHUNKED =
	"embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    guardrails:\n      maxContentChars: 60\n      chunkTargetChars: 50\n";

const documents = (database: Database) =>
	database.read((reader) =>
		reader.all<{ doc: number; memory_id: string; chunk: number }>(
			sql`SELECT doc, memory_id, chunk FROM sgn_documents ORDER BY doc`,
		),
	);
const docsWith = (database: Database, word: string) =>
	database.read(async (reader) =>
		(await reader.all<{ rowid: number }>(sql`SELECT rowid FROM sgn_lexicon WHERE sgn_lexicon MATCH ${word}`)).map(
			({ rowid }) => rowid,
		),
	);
const storeMany = (database: Database, count: number) =>
	database.write(async (writer) => {
		for (let n = 0; n < count; n++) {
			await writer.run(
				sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${`m${n}`}, ${`number ${n}`}, '2026', '2026')`,
			);
		}
	});

describe("in the commit that changes a memory", () => {
	test("a new one is found, whoever wrote it", async () => {
		await using bench = await workbench();
		await bench.database.write((writer) =>
			writer.run(
				sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES ('a', 'Lighthouses', '2026', '2026')`,
			),
		);
		expect(await docsWith(bench.database, "lighthous")).toHaveLength(1);
		expect(bench.documents.documentCount).toBe(1);
	});

	test("a forgotten one is gone, with its vectors", async () => {
		await using bench = await workbench();
		const id = await bench.store({ content: "Lighthouses" });
		await forget(bench.database, id);
		expect(await documents(bench.database)).toEqual([]);
		expect(await docsWith(bench.database, "lighthous")).toEqual([]);
		const left = await bench.database.read((reader) =>
			reader.get(sql`SELECT (SELECT count(*) FROM sgn_codes) AS codes, (SELECT count(*) FROM sgn_vectors) AS vectors`),
		);
		expect(left).toEqual({ codes: 0, vectors: 0 });
	});

	test("one whose tags change keeps its document and its vector", async () => {
		await using bench = await workbench();
		const id = await bench.store({ content: "Lighthouses" });
		const before = await documents(bench.database);
		await bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET tags = 'harbour,night' WHERE id = ${id}`),
		);
		expect(await documents(bench.database)).toEqual(before);
		expect(await docsWith(bench.database, "harbour")).toEqual(before.map(({ doc }) => doc));
		const codes = await bench.database.read((reader) => reader.get(sql`SELECT count(*) AS n FROM sgn_codes`));
		expect(codes).toEqual({ n: 1 });
	});

	test("one is found by its author and its project, but not by the folders that lie around it, nor by who is nobody", async () => {
		await using bench = await workbench();
		await bench.store({ content: "Lighthouses", who: "ana", project: "/home/mia/code/ledger-web/" });
		await bench.store({ content: "Windmills", who: "daemon", project: "acme/site" });
		await bench.store({ content: "Harbours", who: "user", project: "C:\\work\\atlas" });
		const found = async (...words: string[]) =>
			(await Promise.all(words.map((word) => docsWith(bench.database, word)))).map((docs) => docs.length);
		expect(await found("ana", "ledger", "web", "acm", "site", "atla")).toEqual([1, 1, 1, 1, 1, 1]);
		expect(await found("home", "mia", "code", "daemon", "user", "c", "work")).toEqual([0, 0, 0, 0, 0, 0, 0]);
	});

	test("one whose text changes gets a new document, whose number was never used", async () => {
		await using bench = await workbench();
		const id = await bench.store({ content: "Lighthouses" });
		const [before] = await documents(bench.database);
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET content = 'Windmills' WHERE id = ${id}`));
		const [after] = await documents(bench.database);
		expect(after?.doc).toBeGreaterThan(before?.doc ?? 0);
		expect(await docsWith(bench.database, "lighthous")).toEqual([]);
		expect(await docsWith(bench.database, "windmil")).toEqual([after?.doc as number]);
	});
});

test("a chunk whose text stays is shown from where it stands now", async () => {
	await using bench = await workbench(CHUNKED);
	const last = "And the quokka smiles at the very end of it.";
	await bench.store({ id: "a", content: `It begins with a lighthouse at the sea. ${last}` });
	const [, before] = await documents(bench.database);
	await bench.database.write((writer) =>
		writer.run(
			sql`UPDATE memories SET content = ${`It begins with a tall lighthouse at the sea. ${last}`} WHERE id = 'a'`,
		),
	);
	expect((await documents(bench.database)).map(({ doc }) => doc)).toContain(before?.doc as number);
	const { results } = await recall(bench, { query: "quokka", filter: { scope: EVERYTHING }, limit: 1 });
	expect(results[0]?.snippet?.trim()).toBe(last);
});

test("a long text is made searchable in steps, all of it by the time it is complete", async () => {
	await using bench = await workbench(CHUNKED);
	const content = Array.from({ length: 100 }, (_, n) => `The lighthouse number ${n} stands at the sea.`).join(" ");
	await bench.database.write((writer) =>
		writer.run(
			sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES ('long', ${content}, '2026', '2026')`,
		),
	);
	const inOneCommit = (await documents(bench.database)).length;
	expect(inOneCommit).toBeGreaterThan(0);
	expect(inOneCommit).toBeLessThan(100);
	await bench.documents.complete("long");
	expect((await documents(bench.database)).map(({ chunk }) => chunk)).toEqual(Array.from({ length: 100 }, (_, n) => n));
	expect(bench.documents.isBehind).toBe(false);
});

test("a row that holds no text is read as text, and does not keep the others from being found", async () => {
	await using bench = await workbench();
	await bench.database.write(async (writer) => {
		for (const [id, content] of [
			["odd", Buffer.from("bytes of a lighthouse")],
			["good", "a quokka"],
		]) {
			await writer.run(
				sql`INSERT INTO memories (id, content, tags, who, created_at, updated_at) VALUES (${id}, ${content}, 7, x'41', '2026', '2026')`,
			);
		}
	});
	expect(await docsWith(bench.database, "quokka")).toHaveLength(1);
	expect(await docsWith(bench.database, "lighthous")).toHaveLength(1);
});

test("a document is found by each of its words, whatever characters they are made of", async () => {
	await using bench = await workbench();
	const word = fc.stringMatching(/^([a-zé東ß_٣]|e\u0301)+(['’./@:+#-][a-zA-Z\d]+)*(\+\+|#)?$/);
	await fc.assert(
		fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
			const content = words.join(" ");
			await bench.store({ content });
			const [newest] = (await documents(bench.database)).slice(-1);
			for (const token of tokenise(content)) {
				const found = await bench.database.read((reader) =>
					documentsWith(reader, [token], { filter: { scope: EVERYTHING }, limit: 1 }),
				);
				expect(found).toEqual([newest?.doc as number]);
			}
		}),
		{ numRuns: 50 },
	);
});

test("a text in which nothing is a word is a document all the same", async () => {
	await using bench = await workbench();
	await bench.store({ content: "!!!" });
	expect(await documents(bench.database)).toHaveLength(1);
	expect(bench.derivationFailures).toEqual([]);
});

test("what is left behind is caught up with, the newest first", async () => {
	await using bench = await workbench();
	await storeMany(bench.database, 300);
	expect(bench.documents.isBehind).toBe(true);
	expect((await documents(bench.database)).map(({ memory_id }) => memory_id)).toContain("m299");
	await bench.documents.catchUp();
	expect(bench.documents.isBehind).toBe(false);
	expect(await documents(bench.database)).toHaveLength(300);
});

test("catching up ends when the storage lets nothing through", async () => {
	await using bench = await workbench();
	await storeMany(bench.database, 300);
	await bench.database.write((writer) => writer.run(sql`ALTER TABLE sgn_documents RENAME TO gone`));
	await bench.documents.catchUp();
	expect(bench.documents.isBehind).toBe(true);
	expect(bench.derivationFailures).not.toEqual([]);
});

describe("divide", () => {
	const sizes = { maxContentChars: 60, chunkTargetChars: 30 };

	test("chunks keep their ids as long as their text stays", () => {
		const text = "The first sentence is here. The second one follows it. The third one ends it all.";
		const ids = (content: string) =>
			divide({ memoryId: "m", content, contentHash: null }, sizes).map(({ chunkId }) => chunkId);
		expect(new Set(ids(text)).size).toBe(3);
		expect(ids(text)).toEqual(ids(text));
		expect(ids(text.replace("third", "last")).slice(0, 2)).toEqual(ids(text).slice(0, 2));
		expect(ids(text.replace("third", "last"))[2]).not.toBe(ids(text)[2] as string);
	});

	test("is one document up to the limit and covers every word beyond it", () => {
		fc.assert(
			fc.property(fc.lorem({ maxCount: 40 }), (content) => {
				const parts = divide({ memoryId: "m", content, contentHash: null }, sizes);
				const words = (text: string) => text.split(/\s+/).filter(Boolean);
				expect(parts.flatMap(({ start, end }) => words(content.slice(start, end))).join("")).toBe(
					words(content).join(""),
				);
				expect(parts.length === 1 && parts[0]?.chunkId === null).toBe(content.length <= sizes.maxContentChars);
			}),
		);
	});
});
