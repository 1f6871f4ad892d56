import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DownloadRequest, type DownloadResponse, parseSettings } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { realWorld } from "@signet/core/world";
import { writeTinyModel } from "../../testing/index.ts";
import { EmbeddingService } from "../embedding-service.ts";
import { LocalModels } from "./local-models.ts";
import { type AskMessage, encodeVector } from "./worker-messages.ts";

let root = "";
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "signet-local-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const local = (model: string, more = "") => `embedding:\n  provider: local\n  model: ${model}\n${more}`;

/** The service with models in a folder, and processes that answer at once with the lengths of the texts. */
function setUp(yaml: string, download?: (url: string, request: DownloadRequest) => DownloadResponse) {
	const asked: AskMessage[] = [];
	const ended: string[] = [];
	const world = seededWorld({
		...(download && { download }),
		startPiped(_, { onOutput }) {
			let folder = "";
			return {
				pid: 1,
				write(line) {
					const message = JSON.parse(line);
					if (message.folder) folder = message.folder;
					if (!message.texts) return;
					asked.push(message);
					for (const [at, text] of message.texts.entries()) {
						const vector = encodeVector(Float32Array.of(text.length, 1));
						onOutput(Buffer.from(`${JSON.stringify({ id: message.id, at, vector })}\n`));
					}
				},
				closeInput: () => ended.push(folder),
				kill: () => ended.push(folder),
			};
		},
	});
	const news: string[] = [];
	const models = new LocalModels({
		world,
		modelsFolder: join(root, "models"),
		root,
		hub: "https://hub.example",
		workerCommand: ["signet", "embed-worker"],
		idleMs: 1_000,
		onNews: (message) => news.push(message),
	});
	let settings = parseSettings(yaml).embedding;
	let changes = 0;
	const embeddings = new EmbeddingService(
		world,
		() => settings,
		() => changes++,
		(wanted, onChanged) => models.provider(wanted, onChanged),
	);
	const configure = (next: string) => {
		settings = parseSettings(next).embedding;
	};
	return { world, models, embeddings, asked, ended, news, configure, changes: () => changes };
}

const problemOf = (promise: Promise<unknown>) =>
	promise.then(
		() => "none",
		(error: Error) => error.message,
	);

async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await realWorld.timers.yield();
}

const place = (name: string, besides = {}) => writeTinyModel(join(root, "models", name), { besides });

test("what lies there is taken with the first text; from then on vectors bear its name", async () => {
	place("tiny");
	const { embeddings, news, changes } = setUp(local("tiny"));
	expect(embeddings.provider?.model).toBe("local:tiny");
	expect(await problemOf(embeddings.document("a"))).toBe("tiny is being read");
	await until(() => changes() > 0);
	expect(news).toEqual(["the model tiny was taken as it is"]);
	expect(embeddings.provider?.model).toMatch(/^local:tiny#[0-9a-f]{8}$/);
	expect(embeddings.state.problem).toBeUndefined();
	expect((await embeddings.document("abc"))[0]).toBe(3);
});

test("questions and texts have their own prefixes, and questions go first", async () => {
	place("tiny", { "signet.json": { queryPrefix: "query: ", documentPrefix: "passage: " } });
	const { embeddings, asked, changes } = setUp(local("tiny"));
	await problemOf(embeddings.document("a"));
	await until(() => changes() > 0);
	await embeddings.document("Ana has a car");
	await embeddings.query("who has a car?");
	expect(asked.map(({ texts, isUrgent }) => [texts, isUrgent])).toEqual([
		[["passage: Ana has a car"], false],
		[["query: who has a car?"], true],
	]);
});

test("other prefixes are another model, whose vectors are not compared with those of before", async () => {
	place("tiny");
	const { embeddings, changes, world } = setUp(local("tiny"));
	await problemOf(embeddings.document("a"));
	await until(() => changes() > 0);
	const before = embeddings.provider?.model;
	await embeddings.document("a");
	writeFileSync(join(root, "models", "tiny", "signet.json"), JSON.stringify({ queryPrefix: "query: " }));
	// It is looked for when the process starts again.
	await world.advance(2_000);
	expect(await problemOf(embeddings.document("a"))).toContain("has just come into use");
	expect(changes()).toBe(2);
	expect(embeddings.provider?.model).not.toBe(before as string);
	expect((await embeddings.document("abc"))[0]).toBe(3);
});

test("only the model in use runs, and none after the end", async () => {
	place("one");
	place("two");
	const { embeddings, configure, ended, changes, models } = setUp(local("one"));
	await problemOf(embeddings.document("a"));
	await until(() => changes() > 0);
	await embeddings.document("a");
	const replaced = embeddings.provider;
	configure(local("two"));
	await problemOf(embeddings.document("a"));
	await until(() => changes() > 2);
	await embeddings.document("a");
	expect(await problemOf(replaced?.embed(["late"], 1_000) ?? Promise.resolve())).toContain("is not used any more");
	expect(ended).toEqual([join(root, "models", "one")]);
	models.stop();
	expect(ended).toEqual([join(root, "models", "one"), join(root, "models", "two")]);
});

describe("a model that is not here", () => {
	test("and has no known name is said to be missing, with where it should lie", async () => {
		const { embeddings } = setUp(local("mine"));
		const missing = `There is no model.onnx and no tokenizer.json in ${root}/models/mine`;
		expect(await problemOf(embeddings.query("a"))).toContain(missing);
		expect(embeddings.state.problem).toContain(missing);
	});

	test("as it should be is said so, also while it is looked at again", async () => {
		place("mine");
		const { embeddings, world } = setUp(local("mine", `  digest: ${"f".repeat(64)}\n`));
		await problemOf(embeddings.query("a"));
		await until(() => embeddings.state.problem?.includes("is refused") ?? false);
		await world.advance(1_000);
		expect(await problemOf(embeddings.query("a"))).toContain("is refused: its SHA-256 is");
	});

	test("is asked for again after pauses that grow, however many texts want it", async () => {
		let downloads = 0;
		const { embeddings, world } = setUp(local("all-MiniLM-L6-v2"), () => {
			downloads++;
			throw new Error("no route to host");
		});
		const passed: number[] = [];
		for (let minute = 0; minute < 20; minute++) {
			await problemOf(embeddings.document("a"));
			await until(() => embeddings.provider?.problem?.includes("no route to host") ?? false);
			passed.push(downloads);
			await world.advance(60_000);
		}
		expect(passed.at(-1)).toBeGreaterThan(1);
		expect(passed.at(-1)).toBeLessThan(7);
	});

	test("is not asked for while another process downloads it", async () => {
		const folder = join(root, "models", "all-MiniLM-L6-v2");
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, "pulling"), String(process.ppid));
		let downloads = 0;
		const { embeddings, world } = setUp(local("all-MiniLM-L6-v2"), () => {
			downloads++;
			throw new Error("no route to host");
		});
		Object.assign(world.processes, { isAlive: (pid: number) => pid === process.ppid });
		await problemOf(embeddings.document("a"));
		await until(() => embeddings.provider?.problem?.includes("is downloading") ?? false);
		expect(embeddings.provider?.problem).toContain(`Process ${process.ppid} is downloading`);
		expect(downloads).toBe(0);
	});
});

test("a length that the configuration contradicts is a failure that says which", async () => {
	place("tiny");
	const { embeddings, changes } = setUp(local("tiny", "  dimensions: 7\n"));
	await problemOf(embeddings.document("a"));
	await until(() => changes() > 0);
	expect(await problemOf(embeddings.document("a"))).toContain("vectors of 2 numbers, but embedding.dimensions is 7");
});
