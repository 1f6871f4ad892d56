import { expect, test } from "bun:test";
import { sql } from "@signet/db";
import fc from "fast-check";
import { workbench } from "../testing/workbench.ts";
import { compactSimilarity } from "./plain-kernel.ts";
import { VectorCache } from "./vector-cache.ts";
import { VectorSlots } from "./vector-slots.ts";

test("vectors are read once, the longest unused go first, and all of them when nobody asks", async () => {
	await using bench = await workbench();
	const { database, world } = bench;
	const model = { id: 9, name: "m", dimensions: 4 };
	await database.write(async (writer) => {
		await writer.run(sql`INSERT INTO sgn_models (id, name, dimensions) VALUES (9, 'm', 4)`);
		for (let doc = 1; doc <= 4; doc++) {
			await writer.run(
				sql`INSERT INTO sgn_vectors (doc, model, vector) VALUES (${doc}, 9, ${Uint8Array.of(0, 1, 0, 0)})`,
			);
		}
	});
	const cache = new VectorCache(model, world.timers, 3 * 16);
	const ask = async (...docs: number[]) => {
		const found = await database.read((reader) => cache.similarities(reader, Float32Array.of(1, 0, 0, 0), docs));
		return Object.fromEntries(found);
	};
	expect(await ask(1, 2, 3, 7)).toEqual({ 1: 0, 2: 0, 3: 0 });
	// What is in the file now shows which are read there.
	await database.write((writer) => writer.run(sql`UPDATE sgn_vectors SET vector = ${Uint8Array.of(1, 0, 0, 0)}`));
	expect(await ask(3, 4)).toEqual({ 3: 0, 4: 1 });
	expect(cache.bytes).toBe(3 * 16);
	expect(await ask(2, 3, 4)).toEqual({ 2: 0, 3: 0, 4: 1 });
	expect(await ask(1)).toEqual({ 1: 1 });
	cache.remove([3]);
	expect(await ask(3)).toEqual({ 3: 1 });
	expect(await ask(4, 3, 2, 1)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
	await world.advance(10_000);
	expect(cache.bytes).toBeGreaterThan(0);
	await world.advance(10_000);
	expect(cache.bytes).toBe(0);
});

test("the kernel's cosines are the plain ones, wherever the vectors are put", () => {
	const scenario = fc.integer({ min: 1, max: 70 }).chain((dimensions) =>
		fc.record({
			query: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: dimensions, maxLength: dimensions }),
			vectors: fc.array(fc.uint8Array({ minLength: dimensions, maxLength: dimensions }), { maxLength: 30 }),
			first: fc.integer({ min: 0, max: 2_000 }),
		}),
	);
	fc.assert(
		fc.property(scenario, ({ query, vectors, first }) => {
			const numbers = Float32Array.from(query);
			const slots = new VectorSlots(query.length);
			vectors.forEach((vector, at) => {
				slots.put(first + at, vector);
			});
			const cosines = slots.cosines(
				numbers,
				vectors.map((_, at) => first + at),
			);
			expect(cosines.length).toBe(vectors.length);
			vectors.forEach((vector, at) => {
				expect(cosines[at]).toBeCloseTo(compactSimilarity(numbers, vector), 4);
			});
		}),
	);
});
