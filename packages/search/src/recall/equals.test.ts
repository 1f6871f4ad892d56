import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { Corpus, recall, similarMemories } from "../index.ts";
import { type Workbench, workbench } from "../testing/workbench.ts";

const COUNT = 45;
/** As many more than are wanted, so that what is cut off is among equals too. */
const LIMIT = 10;

/** What was stored, in that order. */
const STORED: readonly { id: string; content: string; type?: string }[] = [
	{ id: "anchor", content: "Boats pass by the pier at noon" },
	...["a", "b", "c"].flatMap((name, n) => [
		{ id: `twin ${name}`, content: `${"!".repeat(n + 1)} Boats pass the pier`, type: "twin" },
		{ id: `rule ${name}`, content: `Always use colour ${name} when I ask you to paint the fence` },
	]),
	...Array.from({ length: COUNT }, (_, n) => ({
		id: `light ${n}`,
		content: `The harbour light ${n === 3 ? 999 : 100 + n} is green`,
	})),
];

const EDITED: Readonly<Record<string, string>> = {
	"light 3": "The harbour light 103 is green",
	"twin a": "? Boats pass the pier",
	"rule a": "Always use colour aa when I ask you to paint the fence",
};

async function orders(bench: Workbench) {
	const filter = { scope: EVERYTHING };
	const ask = async (query: string) => {
		const { results } = await recall(bench, { query, limit: LIMIT, filter, legs: "words" });
		return results.map(({ id }) => id);
	};
	const similar = await similarMemories(bench, { memoryId: "anchor", filter: { ...filter, type: "twin" }, limit: 5 });
	return {
		lights: await ask("green harbour light"),
		rules: (await ask("paint the fence")).slice(0, 3),
		twins: similar?.map(({ memory }) => memory.id),
	};
}

test("equals are in the order in which they were stored, edited or not, here and in another home", async () => {
	await using bench = await workbench();
	for (const memory of STORED) await bench.store(memory);
	for (const [id, content] of Object.entries(EDITED)) {
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET content = ${content} WHERE id = ${id}`));
		await bench.embedder.fill();
	}
	const found = await orders(bench);
	expect(found).toEqual({
		lights: Array.from({ length: LIMIT }, (_, n) => `light ${COUNT - 1 - n}`),
		rules: ["rule c", "rule b", "rule a"],
		twins: ["twin c", "twin b", "twin a"],
	});
	// After the next start.
	const { database, world } = bench;
	const corpus = new Corpus(database, world.timers);
	expect(await orders({ ...bench, corpus })).toEqual(found);
	await using other = await workbench();
	for (const memory of STORED) await other.store({ ...memory, content: EDITED[memory.id] ?? memory.content });
	expect(await orders(other)).toEqual(found);
});
