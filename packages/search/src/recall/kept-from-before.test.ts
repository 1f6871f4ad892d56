import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import fc from "fast-check";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

type Bench = Awaited<ReturnType<typeof workbench>>;

/** Each changes what the question finds, or where. */
const CHANGES: Record<string, (bench: Bench, at: number) => Promise<unknown>> = {
	store: (bench, at) => bench.store({ id: `note-${at}`, content: `Walruses sleep in bay ${at}` }),
	reword: (bench, at) =>
		bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET content = ${`Seals moved to bay ${at}`} WHERE id = ${`note-${at - 1}`}`),
		),
	relabel: (bench, at) =>
		bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET tags = 'walrus' WHERE id = ${`note-${at - 2}`}`),
		),
	forget: (bench, at) =>
		bench.database.write((writer) =>
			writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = ${`note-${at - 1}`}`),
		),
	remove: (bench, at) =>
		bench.database.write((writer) => writer.run(sql`DELETE FROM memories WHERE id = ${`note-${at - 2}`}`)),
	idle: (bench) => bench.world.advance(45_000),
};

test("what is kept from earlier questions never shows: answers are those of a home that was never asked", () => {
	const step = fc.constantFrom(...Object.keys(CHANGES));
	return fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
			await using asked = await workbench();
			await using unasked = await workbench();
			const answer = async (bench: Bench) =>
				(await recall(bench, { query: "where do walruses and seals sleep", limit: 20, filter: { scope: EVERYTHING } }))
					.results;
			for (const [at, name] of ["store", "store", "store", ...steps].entries()) {
				for (const bench of [asked, unasked]) await CHANGES[name]?.(bench, at);
				await answer(asked);
			}
			expect(await answer(asked)).toEqual(await answer(unasked));
		}),
		{ numRuns: 10 },
	);
}, 30_000);

test("a part of a long memory that stands elsewhere now is shown from there", async () => {
	await using bench = await workbench(
		"memory:\n  pipelineV2:\n    guardrails: { maxContentChars: 150, chunkTargetChars: 120 }\n",
	);
	const quokkas = "Backups of the quokka photos run at night, and nobody has ever looked at what they keep of them.";
	const rest = "The harbour has nine cranes that are painted every second spring by a crew from up the coast there.";
	await bench.store({ id: "long", content: `${rest} ${quokkas}` });
	const snippet = async () =>
		(
			await recall(bench, { query: "quokka backups", limit: 1, filter: { scope: EVERYTHING } })
		).results[0]?.snippet?.trim();
	expect(await snippet()).toBe(quokkas);
	await bench.database.write((writer) =>
		writer.run(sql`UPDATE memories SET content = ${`${rest}    ${quokkas}`} WHERE id = 'long'`),
	);
	expect(await snippet()).toBe(quokkas);
});
