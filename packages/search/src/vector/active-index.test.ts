import { expect, test } from "bun:test";
import { type Database, ensureModel, putVector, sql, type VectorModel } from "@signet/db";
import { workbench } from "../testing/workbench.ts";
import { encoderOf } from "./code-encoder.ts";
import { compact } from "./compact.ts";
import { IndexedQuestion } from "./vector-leg.ts";

const DIMENSIONS = 4;
const encoder = encoderOf(DIMENSIONS);

/** A model by which each document has its vector. */
const storeModel = (
	database: Database,
	name: string,
	vectors: ReadonlyMap<number, Float32Array>,
): Promise<VectorModel> =>
	database.write(async (writer) => {
		const model = await ensureModel(writer, name, DIMENSIONS);
		for (const [doc, vector] of vectors) {
			await writer.run(
				sql`INSERT INTO sgn_codes (doc, model, code) VALUES (${doc}, ${model.id}, ${encoder.encode(vector)})`,
			);
			await putVector(writer, model.id, { doc, vector: compact(vector) });
		}
		return model;
	});

test("who still compares by the model before leaves nothing of it to those who compare by the new one", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	const { database, corpus } = bench;
	const { index } = corpus;
	const along = (axis: number) => Float32Array.from({ length: DIMENSIONS }, (_, at) => (at === axis ? 1 : 0));
	await storeModel(database, "before", new Map([[1, along(0)]]));
	await storeModel(database, "after", new Map([[1, along(1)]]));
	const before = await index.of("before");
	const after = await index.of("after");
	if (!before || !after) throw new Error("both models have vectors");
	const ask = async (codes: typeof before) => {
		const question = new IndexedQuestion(
			{ model: "", vector: along(0), weight: 1, compared: 10 },
			codes,
			index.vectorsOf(codes),
		);
		return (await database.read((reader) => question.similarities(reader, [1]))).get(1);
	};
	expect(await ask(before)).toBe(1);
	expect(await ask(after)).toBe(0);
	expect(await ask(before)).toBe(1);
});

test("vectors of another length that come while the codes are read are all that is searched", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	const { database, corpus } = bench;
	const { index } = corpus;
	await storeModel(database, "m", new Map([[1, Float32Array.of(1, 0, 0, 0)]]));
	const loading = index.of("m");
	const longer = await database.write((writer) => ensureModel(writer, "m", 2_000));
	const code = encoderOf(2_000).encode(new Float32Array(2_000).fill(1));
	await database.write((writer) =>
		writer.run(sql`INSERT INTO sgn_codes (doc, model, code) VALUES (2, ${longer.id}, ${code})`),
	);
	index.added(longer, [{ doc: 2, code }]);
	await loading;
	const searched = await index.of("m");
	expect(searched?.model.dimensions).toBe(2_000);
	expect(searched?.nearest(new Float32Array(2_000).fill(1), 10).map(({ doc }) => doc)).toEqual([2]);
});

test("a model whose vectors get another length is another model to all that is held in memory", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	const { database, corpus } = bench;
	const { index } = corpus;
	const shorter = await storeModel(database, "m", new Map([[1, Float32Array.of(1, 0, 0, 0)]]));
	expect((await index.of("m"))?.model.dimensions).toBe(DIMENSIONS);
	const longer = await database.write((writer) => ensureModel(writer, "m", 8));
	expect(longer.id).not.toBe(shorter.id);
	const documents = [{ doc: 2, code: encoderOf(8).encode(new Float32Array(8).fill(1)) }];
	await database.write((writer) =>
		writer.run(sql`INSERT INTO sgn_codes (doc, model, code) VALUES (2, ${longer.id}, ${documents[0]?.code})`),
	);
	index.added(longer, documents);
	const searched = await index.of("m");
	expect([searched?.model.dimensions, searched?.count]).toEqual([8, 1]);
});
