import { expect, test } from "bun:test";
import { EVERYTHING, type MemoryScope } from "@signet/core";
import { putMemoryOwner, sql } from "@signet/db";
import { recall } from "../index.ts";
import { type Workbench, workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
/** So many that frequent words are left out. */
const OTHERS = 3_100;

/** A home of which somebody sees only a small part; `others` is what all the rest says. */
async function home(others: string, count = OTHERS): Promise<Workbench> {
	const bench = await workbench(WORDS_ONLY);
	await bench.store({ id: "note", content: "The release is on Monday", project: "mine" });
	await bench.store({ id: "bird", content: "The heron is on the roof", project: "mine" });
	await bench.store({ id: "other bird", content: "The kestrel is a falcon", project: "mine" });
	await bench.database.write(async (writer) => {
		await putMemoryOwner(writer, "note", { agent: "fox", user: "mia" });
		return writer.run(sql`
			WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
			INSERT INTO memories (id, content, type, project, created_at, updated_at, updated_by)
			SELECT 'other ' || n, ${others}, 'fact', 'theirs', '2026', '2026', 'test' FROM numbers WHERE n <= ${count}`);
	});
	await bench.documents.catchUp();
	return bench;
}

async function ask(bench: Workbench, query: string, scope: MemoryScope, filter: { project?: string } = {}) {
	const { results, confidence } = await recall(bench, { query, limit: 10, filter: { ...filter, scope } });
	return { results: results.map(({ id, score }) => ({ id, score })), confidence };
}

test("a word that only others use often is looked for, and tells nothing of them", async () => {
	await using busy = await home("The release train is late");
	await using quiet = await home("The falling leaves are late");
	const scope = { project: "mine" };
	const query = "release heron kestrel";
	const before = await ask(busy, query, scope);
	expect(before.results.map(({ id }) => id).sort()).toEqual(["bird", "note", "other bird"]);
	// Whoever sees all has the words counted.
	for (const bench of [busy, quiet]) await ask(bench, query, EVERYTHING);
	expect(await ask(busy, query, scope)).toEqual(before);
	expect(await ask(quiet, query, scope)).toEqual(before);
}, 60_000);

test("how sure an answer is tells nothing of how many memories others have, and does not suffer from them", async () => {
	await using alone = await home("The train is late", 0);
	await using among = await home("The train is late");
	const scope = { project: "mine" };
	for (const query of ["Which day of the week is the release on?", "Is the kestrel a bird?", "Who broke the window?"]) {
		expect(await ask(among, query, scope)).toEqual(await ask(alone, query, scope));
	}
	for (let n = 0; n < 20; n++) {
		for (const bench of [alone, among]) await bench.store({ content: `Meeting ${n} was long`, project: "mine" });
	}
	expect(await ask(among, "long release", scope)).toEqual(await ask(alone, "long release", scope));
}, 60_000);

test("of more than are looked at the newest come, counted by what may be seen alone", async () => {
	await using bench = await home("The release train is late");
	const { matchWords } = await import("../lexical/lexical-leg.ts");
	const { parseQuestion } = await import("../lexical/question.ts");
	const { documents, database, corpus } = bench;
	const { wordCounts: counts, postings } = corpus;
	const { documentCount } = documents;
	const match = (scope: MemoryScope) =>
		database.read((reader) => {
			const search = { filter: { scope }, limit: 30, documentCount, projectCount: documentCount, counts, postings };
			return matchWords(reader, parseQuestion("release"), search);
		});
	const { words, lists } = await match({ project: "theirs" });
	expect(words[0]?.documents).toBeWithin(OTHERS - 100, OTHERS + 100);
	const docs = lists[0]?.docs ?? [];
	expect(docs).toEqual(docs.toSorted((a, b) => b - a));
	expect(docs[0]).toBe(OTHERS + 3);
	expect((await match({ project: "mine" })).words[0]?.documents).toBe(1);
}, 60_000);

test("whoever sees few memories finds them by words that very many newer ones of others have", async () => {
	await using bench = await home("The release train is late", 21_000);
	for (const scope of [{ project: "mine" }, { user: "mia" }, { agent: "fox" }, { project: "mine", user: "mia" }]) {
		expect((await ask(bench, "release", scope)).results.map(({ id }) => id)).toEqual(["note"]);
		expect((await ask(bench, "releas*", scope)).results.map(({ id }) => id)).toEqual(["note"]);
		expect((await ask(bench, '"the release"', scope)).results.map(({ id }) => id)).toEqual(["note"]);
	}
	// As whoever may see everything asks for one project.
	for (const query of ["release", "releas*", '"the release"']) {
		const { results } = await ask(bench, query, EVERYTHING, { project: "mine" });
		expect(results.map(({ id }) => id)).toEqual(["note"]);
	}
}, 60_000);
