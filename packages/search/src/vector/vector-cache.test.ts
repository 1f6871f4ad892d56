import { expect, test } from "bun:test";
import { sql } from "@signet/db";
import { workbench } from "../testing/workbench.ts";
import { VectorCache } from "./vector-cache.ts";

test("vectors are read once, the longest unused go first, and all of them when nobody asks", async () => {
	await using bench = await workbench();
	const { database, world } = bench;
	await database.write(async (writer) => {
		await writer.run(sql`INSERT INTO sgn_models (id, name, dimensions) VALUES (9, 'm', 4)`);
		for (let doc = 1; doc <= 4; doc++) {
			const vector = Uint8Array.of(doc, 0, 0, 1);
			await writer.run(sql`INSERT INTO sgn_vectors (doc, model, vector) VALUES (${doc}, 9, ${vector})`);
		}
	});
	const model = { id: 9, name: "m", dimensions: 4 };
	const cache = new VectorCache(world.timers, 12);
	const read = async (...docs: number[]) => {
		const found = await database.read((reader) => cache.read(reader, model, docs));
		return found.map(({ doc, vector }) => [doc, vector[0]]).sort(([a = 0], [b = 0]) => a - b);
	};
	expect(await read(1, 2, 3, 7)).toEqual([
		[1, 1],
		[2, 2],
		[3, 3],
	]);
	// What is in the file now shows which are read there.
	await database.write((writer) => writer.run(sql`UPDATE sgn_vectors SET vector = ${Uint8Array.of(99, 0, 0, 1)}`));
	expect(await read(1, 4)).toEqual([
		[1, 1],
		[4, 99],
	]);
	expect(cache.bytes).toBe(12);
	expect(await read(1, 2, 3)).toEqual([
		[1, 1],
		[2, 99],
		[3, 3],
	]);
	cache.remove([1]);
	expect(await read(1)).toEqual([[1, 99]]);
	await world.advance(20_000);
	expect(cache.bytes).toBeGreaterThan(0);
	await world.advance(20_000);
	expect(cache.bytes).toBe(0);
});
