import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TINY_DIMENSIONS, writeTinyModel } from "../../testing/index.ts";
import { sha256OfFile } from "./digests.ts";
import { SentenceModel } from "./sentence-model.ts";

test("x", async () => {
	const folder = mkdtempSync(join(tmpdir(), "m-"));
	writeTinyModel(folder);
	const digests = {
		"model.onnx": await sha256OfFile(join(folder, "model.onnx")),
		"tokenizer.json": await sha256OfFile(join(folder, "tokenizer.json")),
	};
	const m = await SentenceModel.load({ folder, digests, pooling: "mean", maxTokens: 16 });
	const [a, b, c] = await Promise.all(
		["my car is big", "the automobile is huge", "happy doctor"].map((t) => m.embed(t)),
	);
	const dot = (x?: Float32Array, y?: Float32Array) => x?.reduce((s, v, i) => s + v * (y?.[i] ?? 0), 0);
	console.log(a?.length, TINY_DIMENSIONS, dot(a, b), dot(a, c));
	console.log(await m.embed("kryptonite").catch(String));
	expect(1).toBe(1);
});
