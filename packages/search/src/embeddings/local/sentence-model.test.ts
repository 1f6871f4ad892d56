import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { TINY_DIMENSIONS, TINY_FRAME, UNKNOWN_TO_MODEL, writeTinyModel } from "../../testing/index.ts";
import { sha256OfFile } from "./digests.ts";
import { MODEL_FILES, type ModelDigests } from "./model-store.ts";
import type { Pooling } from "./recipe.ts";
import { SentenceModel } from "./sentence-model.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-model-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function digestsOf(place: string): Promise<ModelDigests> {
	const [model = "", tokenizer = ""] = await Promise.all(MODEL_FILES.map((file) => sha256OfFile(join(place, file))));
	return { "model.onnx": model, "tokenizer.json": tokenizer };
}

async function tiny({ pooling = "mean", maxTokens = 64 }: { pooling?: Pooling; maxTokens?: number } = {}) {
	writeTinyModel(folder);
	return SentenceModel.load({ folder, digests: await digestsOf(folder), pooling, maxTokens });
}

const cosine = (one: Float32Array | undefined, other: Float32Array | undefined) =>
	one?.reduce((sum, x, at) => sum + x * (other?.[at] ?? 0), 0) ?? 0;

describe("the vector of a text", () => {
	test("has length one, and is near those of texts that mean the same", async () => {
		const model = await tiny();
		const [car, vehicle, doctor] = await Promise.all(
			["my car is big", "the vehicle is huge", "a happy doctor"].map((text) => model.embed(text)),
		);
		expect(car).toHaveLength(TINY_DIMENSIONS);
		expect(cosine(car, car)).toBeCloseTo(1, 5);
		expect(cosine(car, vehicle)).toBeGreaterThan(0.99);
		expect(cosine(car, doctor)).toBeLessThan(0.5);
	});

	test("is the mean of its tokens, or its first token where the model is made so", async () => {
		const [mean, cls] = [await tiny(), await tiny({ pooling: "cls" })];
		// Every text begins with the same token, and the table has one vector for it.
		expect(await cls.embed("my car")).toEqual((await cls.embed("a happy doctor")) as Float32Array);
		const [car, doctor, both] = [
			await mean.embed("car car"),
			await mean.embed("doctor doctor"),
			await mean.embed("car doctor"),
		];
		expect(cosine(both, car)).toBeCloseTo(cosine(both, doctor), 1);
	});

	test("does not depend on what was embedded before", async () => {
		const model = await tiny();
		const words = fc.array(fc.constantFrom("car", "doctor", "happy", "big", "xyzzy", "?"), { maxLength: 12 });
		const alone = await model.embed("the happy doctor");
		await fc.assert(
			fc.asyncProperty(words, async (text) => {
				await model.embed(text.join(" "));
				expect(await model.embed("the happy doctor")).toEqual(alone as Float32Array);
			}),
			{ numRuns: 20 },
		);
	});

	test("that is longer than the model takes is that of its beginning", async () => {
		const room = 8;
		const model = await tiny({ maxTokens: room + TINY_FRAME });
		const beginning = Array.from({ length: room }, (_, at) => (at % 2 ? "car" : "big")).join(" ");
		const cut = await model.embed(`${beginning} ${"doctor ".repeat(5_000)}`);
		expect(cut).toEqual((await model.embed(beginning)) as Float32Array);
		expect(await model.embed(`${beginning.replace(/ car$/, "")} doctor`)).not.toEqual(cut as Float32Array);
	});

	test("with a token that the model does not know is refused, and the next one is not", async () => {
		const model = await tiny();
		expect(await model.embed(`a ${UNKNOWN_TO_MODEL} car`).catch(() => "refused")).toBe("refused");
		expect(await model.embed("a car")).toHaveLength(TINY_DIMENSIONS);
	});
});

describe("a model is not loaded", () => {
	test.each(MODEL_FILES.map((file) => [file] as const))("when its %s is another one than was taken", async (file) => {
		writeTinyModel(folder);
		const digests = await digestsOf(folder);
		writeTinyModel(folder, { seed: 2 });
		writeFileSync(join(folder, "tokenizer.json"), file === "tokenizer.json" ? "{}" : await tokenizerOf());
		const loading = SentenceModel.load({ folder, digests, pooling: "mean", maxTokens: 64 });
		expect(await loading.catch(String)).toContain(
			`${join(folder, file)} is refused: it has changed since it was taken`,
		);
	});

	test.each([
		["model.onnx", "no protobuf", "cannot be run"],
		["tokenizer.json", "no JSON", "cannot be used"],
		["tokenizer.json", "[]", "cannot be used"],
	])("when its %s is %s", async (file, content, problem) => {
		writeTinyModel(folder);
		writeFileSync(join(folder, file), content);
		const digests = await digestsOf(folder);
		const loading = SentenceModel.load({ folder, digests, pooling: "mean", maxTokens: 64 });
		expect(await loading.catch(String)).toContain(`${join(folder, file)} ${problem}`);
	});
});

/** The tokeniser is the same for every seed. */
async function tokenizerOf(): Promise<string> {
	return Bun.file(join(folder, "tokenizer.json")).text();
}
