import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type TinyModelOptions, writeTinyModel } from "../../testing/index.ts";
import { ModelStore } from "./model-store.ts";

let root = "";
let models = "";
let store = new ModelStore("", "");
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "signet-models-"));
	models = join(root, ".daemon", "models");
	store = new ModelStore(models, root);
});
afterEach(() => rmSync(root, { recursive: true }));

async function taken(name: string, options: TinyModelOptions = {}) {
	const place = store.place(name);
	writeTinyModel(place.folder, options);
	await store.take(place);
	return store.taken(place);
}

test("a name is a known model, a folder among the models, or a path", () => {
	expect(store.place("BGE-small-en-v1.5")).toMatchObject({ folder: join(models, "bge-small-en-v1.5") });
	expect(store.place("nomic-embed-text").known?.name).toBe("nomic-embed-text-v1.5");
	expect(store.place("my.model")).toMatchObject({ folder: join(models, "my.model"), known: undefined });
	expect(store.place("./models/mine")).toMatchObject({ name: "mine", folder: join(root, "models", "mine") });
	expect(store.place("/opt/mine/model.onnx")).toMatchObject({ name: "mine", folder: "/opt/mine" });
	expect(store.place("~/mine").folder).toBe(join(homedir(), "mine"));
	for (const name of ["../outside", "..", "a/../../b"]) {
		expect(store.place(name).folder.startsWith(models)).toBe(false);
	}
});

describe("how a model is used", () => {
	const recipeOf = async (besides: Readonly<Record<string, unknown>>, name = "tiny") =>
		(await taken(name, { besides }))?.recipe;

	test("is what is known of it, even for one that was placed by hand", async () => {
		expect(await recipeOf({}, "multilingual-e5-small")).toMatchObject({
			pooling: "mean",
			queryPrefix: "query: ",
			documentPrefix: "passage: ",
		});
		expect((await recipeOf({}, "bge-small-en-v1.5"))?.pooling).toBe("cls");
	});

	test("is read from what sentence-transformers put beside it", async () => {
		const besides = {
			"1_Pooling/config.json": { word_embedding_dimension: 32, pooling_mode_cls_token: true },
			"config_sentence_transformers.json": { prompts: { query: "q: ", document: "d: " }, default_prompt_name: null },
			"sentence_bert_config.json": { max_seq_length: 128, do_lower_case: false },
		};
		expect(await recipeOf(besides)).toEqual({
			pooling: "cls",
			queryPrefix: "q: ",
			documentPrefix: "d: ",
			maxTokens: 128,
		});
	});

	test("is what signet.json says, before all else, but never more tokens than fit into memory", async () => {
		const besides = { "signet.json": { pooling: "cls", queryPrefix: "ask: ", maxTokens: 100_000 } };
		expect(await recipeOf(besides)).toEqual({
			pooling: "cls",
			queryPrefix: "ask: ",
			documentPrefix: "",
			maxTokens: 512,
		});
	});

	test("that cannot be understood is said, with the file", async () => {
		const place = store.place("tiny");
		writeTinyModel(place.folder, { besides: { "signet.json": { pooling: "max" } } });
		await store.take(place);
		expect(() => store.taken(place)).toThrow(/signet\.json cannot be used: pooling/);
	});
});

test("vectors are told apart by everything that makes them", async () => {
	const identities = [
		await taken("tiny"),
		await taken("tiny", { seed: 2 }),
		await taken("tiny", { besides: { "signet.json": { queryPrefix: "query: " } } }),
		await taken("tiny", { besides: { "signet.json": { pooling: "cls" } } }),
		await taken("other"),
	].map((model) => model?.identity);
	expect(new Set(identities).size).toBe(identities.length);
	for (const identity of identities) expect(identity).toMatch(/^local:(tiny|other)#[0-9a-f]{8}$/);
	expect((await taken("other"))?.identity).toBe(identities.at(-1) as string);
});

describe("a model is taken", () => {
	test("only when both its files are there, and one is told what is missing", async () => {
		const place = store.place("tiny");
		expect(await store.take(place).catch(String)).toContain(`no model.onnx and no tokenizer.json in ${place.folder}`);
		writeTinyModel(place.folder);
		rmSync(join(place.folder, "tokenizer.json"));
		expect(await store.take(place).catch(String)).toContain("There is no tokenizer.json in");
	});

	test("only when it has the digest that the configuration says", async () => {
		const place = store.place("tiny");
		writeTinyModel(place.folder);
		const digest = createHash("sha256")
			.update(readFileSync(join(place.folder, "model.onnx")))
			.digest("hex");
		expect(await store.take(place, "0".repeat(64)).catch(String)).toContain("embedding.digest in agent.yaml says 000");
		expect(store.taken(place)).toBeUndefined();
		await store.take(place, digest);
		expect(store.taken(place, digest)?.digests["model.onnx"]).toBe(digest);
		expect(() => store.taken(place, "f".repeat(64))).toThrow("is refused");
	});

	test("from a folder where nothing can be noted beside it", async () => {
		const folder = join(root, "theirs");
		writeTinyModel(folder);
		mkdirSync(join(folder, "digests.json.new"));
		const place = store.place(folder);
		await store.take(place);
		expect(store.taken(place)?.identity).toContain("local:theirs#");
		expect(existsSync(join(folder, "digests.json"))).toBe(false);
	});
});

describe("asked for once more, a model", () => {
	const change = (folder: string) => writeFileSync(join(folder, "model.onnx"), "something else");

	test("that was placed by hand and has changed is kept, and said to have", async () => {
		const place = store.place("tiny");
		expect(await store.refresh(place)).toBe(false);
		writeTinyModel(place.folder);
		expect(await store.refresh(place)).toBe(true);
		change(place.folder);
		expect(await store.refresh(place).catch(String)).toContain("changed since the model was taken");
		expect(existsSync(join(place.folder, "model.onnx"))).toBe(true);
	});

	test("that was downloaded and has changed is downloaded again", async () => {
		const place = store.place("all-MiniLM-L6-v2");
		const { digests } = (await taken("all-MiniLM-L6-v2")) ?? {};
		if (digests) store.keepDigests(place, digests, "https://hub.example");
		expect(await store.refresh(place)).toBe(true);
		change(place.folder);
		expect(await store.refresh(place)).toBe(false);
		expect(store.has(place)).toBe(false);
	});
});

test("what was downloaded can be removed, what was placed by hand cannot, and nothing outside", async () => {
	const mine = await taken("mine");
	expect(() => store.remove("mine")).toThrow("was placed by hand");
	expect(() => store.remove("../..")).toThrow("was placed by hand");
	expect(() => store.remove("nowhere")).toThrow("is not here");
	if (mine) store.keepDigests(mine, mine.digests, "https://hub.example");
	const outside = await taken(join(root, "outside"));
	if (outside) store.keepDigests(outside, outside.digests, "https://hub.example");
	expect(() => store.remove(join(root, "outside"))).toThrow("was placed by hand");
	expect(store.remove("mine")).toBeGreaterThan(1_000);
	expect(existsSync(join(models, "mine"))).toBe(false);
	expect(existsSync(root)).toBe(true);
});
