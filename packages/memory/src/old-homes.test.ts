import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EVERYTHING } from "@signet/core";
import { raw, sql } from "@signet/db";
import { OLD_FILES, writeOldFile } from "@signet/db/testing";
import { recall } from "@signet/search";
import { erase, forget, modify, readHistory, readMemory, remember } from "./index.ts";
import { ana, memoryBench } from "./testing/memory-bench.ts";

const reason = "because";
const ask = { limit: 5, filter: { scope: EVERYTHING } };

for (const old of OLD_FILES) {
	test(`${old.name}: nothing is lost, and all of it works`, async () => {
		await using bench = await memoryBench((file) => writeOldFile(file, old));
		const { database, documents } = bench;
		await documents.catchUp();
		for (const { id, content, tags, createdAt, isForgotten = false } of old.memories) {
			const row = await readMemory(database, id, { scope: EVERYTHING, isForgottenToo: true });
			expect(row).toMatchObject({ id, content, tags, created_at: createdAt });
			expect(row.is_deleted === 1).toBe(isForgotten);
		}
		const rows = await database.read((reader) => reader.get(sql`SELECT count(*) AS n FROM memories`));
		expect(rows).toEqual({ n: old.memories.length });

		const [first, second] = old.memories;
		const { results } = await recall(bench, { ...ask, query: "who prefers tea?" });
		expect(results[0]?.content).toBe("The lighthouse keeper prefers tea");
		// The same text in other letters is the same memory, though the file had no hashes.
		const again = await remember(bench, { content: "the lighthouse keeper prefers TEA." }, ana);
		expect(again).toMatchObject({ deduped: true, content: "The lighthouse keeper prefers tea" });
		await modify(bench, { id: first?.id ?? "", reason, patch: { content: "The garage has no door" } }, ana);
		expect((await recall(bench, { ...ask, query: "garage" })).results[0]?.content).toBe("The garage has no door");
		await forget(bench, { id: second?.id ?? "", reason, force: true }, ana);
		expect(await readHistory(database, second?.id ?? "", { scope: EVERYTHING, order: "asc", limit: 9 })).toMatchObject({
			count: 1,
		});
		const { results: left } = await recall(bench, { ...ask, query: "deploys on Tuesdays" });
		expect(left.map(({ id }) => id)).not.toContain(second?.id ?? "");

		await database.write((writer) =>
			writer.run(sql`INSERT INTO memories_fts (memories_fts, rank) VALUES ('integrity-check', 1)`),
		);
		for (const { query, value } of old.kept ?? []) {
			const found = await database.read((reader) => reader.get(sql`${raw(query)}`));
			expect([query, found]).toEqual([query, { value }]);
		}
	});
}

/** Another program's copy of the table is not ours to change, and the twin says the same. */
const SAID_ELSEWHERE = /put the table of memories aside|two memories of one content/;

for (const old of OLD_FILES.filter(({ name }) => !SAID_ELSEWHERE.test(name))) {
	test(`${old.name}: what is erased is in no file any more, the copy from before the upgrade included`, async () => {
		let folder = "";
		await using bench = await memoryBench((file) => {
			folder = dirname(file);
			writeOldFile(file, old);
		});
		await bench.documents.catchUp();
		const [memory] = old.memories;
		const erasure = await erase(bench, { id: memory?.id ?? "", reason, force: true }, ana);
		expect(erasure).toMatchObject({ status: "erased", backups: [expect.stringContaining(".bak-v")] });
		for (const name of readdirSync(folder)) {
			const bytes = readFileSync(join(folder, name)).toString("latin1").toLowerCase();
			expect([name, bytes.includes(memory?.content.toLowerCase() ?? "")]).toEqual([name, false]);
		}
	});
}

test("of two memories of one content without hashes the second gets its hash, and its vector a place, once it is free", async () => {
	const twins = OLD_FILES.find(({ name }) => name.includes("two memories of one content"));
	if (!twins) throw new Error("there is no such file");
	await using bench = await memoryBench((file) => writeOldFile(file, twins));
	const { database, documents, embedder } = bench;
	await documents.catchUp();
	const hashes = () =>
		database.read((reader) =>
			reader.all<{ id: string; hash: string | null }>(
				sql`SELECT id, content_hash AS hash FROM memories WHERE id IN ('m1', 'twin') ORDER BY id`,
			),
		);
	const loser = (await hashes()).find(({ hash }) => hash === null)?.id ?? "";
	const winner = loser === "m1" ? "twin" : "m1";
	await embedder.embedMemory(loser);
	await forget(bench, { id: winner, reason, force: true }, ana);
	await modify(bench, { id: loser, reason, patch: { tags: "home,free" } }, ana);
	await documents.catchUp();
	await embedder.embedMemory(loser);
	expect((await hashes()).find(({ id }) => id === loser)?.hash).not.toBeNull();
	const placed = await database.read((reader) =>
		reader.all(sql`
			SELECT d.memory_id AS id FROM sgn_documents d JOIN memories m ON m.id = d.memory_id
			WHERE m.id = ${loser} AND d.embedding_hash = m.content_hash`),
	);
	expect(placed).toEqual([{ id: loser }]);
});
