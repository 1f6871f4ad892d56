import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import fc from "fast-check";
import { TINY_DIMENSIONS, UNKNOWN_TO_MODEL, writeTinyModel } from "../../testing/index.ts";
import { sha256OfFile } from "./digests.ts";
import { runEmbedWorker } from "./embed-worker.ts";
import { decodeVector, encodeVector, LineReader, type WorkerMessage, workerMessage } from "./worker-messages.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-worker-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A worker whose input this test writes; `ended` is what it rejected with, or `closed`. */
async function worker(change: (load: object) => object = (load) => load) {
	writeTinyModel(folder);
	const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
	const input = writable.getWriter();
	const said: WorkerMessage[] = [];
	const ended = runEmbedWorker({
		input: readable,
		print: async (line) => void said.push(workerMessage.parse(JSON.parse(line))),
		timers: realWorld.timers,
	}).then(
		() => "closed",
		(error: Error) => error.message,
	);
	const send = (message: unknown) => input.write(Buffer.from(`${JSON.stringify(message)}\n`));
	const digests = {
		"model.onnx": await sha256OfFile(join(folder, "model.onnx")),
		"tokenizer.json": await sha256OfFile(join(folder, "tokenizer.json")),
	};
	await send(change({ folder, digests, pooling: "mean", maxTokens: 64 }));
	const until = async (isSo: () => boolean) => {
		while (!isSo()) await realWorld.timers.yield();
	};
	return { send, said, ended, close: () => input.close(), until };
}

test("answers each text, and ends when its input is closed", async () => {
	const { send, said, ended, close, until } = await worker();
	await send({ id: 7, texts: ["a car", "the doctor"], isUrgent: false });
	await until(() => said.length === 3);
	expect(said[0]).toEqual({ dimensions: TINY_DIMENSIONS });
	expect(said.slice(1)).toMatchObject([
		{ id: 7, at: 0 },
		{ id: 7, at: 1 },
	]);
	await close();
	expect(await ended).toBe("closed");
});

test("a question goes before the texts that wait, and one bad text does not stop the others", async () => {
	const { send, said, close, until } = await worker();
	await send({ id: 1, texts: Array.from({ length: 20 }, () => "a car"), isUrgent: false });
	await send({ id: 2, texts: [UNKNOWN_TO_MODEL], isUrgent: true });
	await send({ id: 3, texts: ["what is a car?"], isUrgent: true });
	await until(() => said.length === 23);
	const order = said.map((message) => ("id" in message ? message.id : 0));
	expect(order.lastIndexOf(3)).toBeLessThan(order.lastIndexOf(1));
	expect(said.find((message) => "problem" in message)).toMatchObject({ id: 2 });
	await close();
});

test("a model that cannot be used is refused with why, and the process ends", async () => {
	const { said, ended } = await worker((load) => ({
		...load,
		digests: { "model.onnx": "0".repeat(64), "tokenizer.json": "0".repeat(64) },
	}));
	expect(await ended).toContain("is refused");
	expect(said).toEqual([{ refusal: await ended }]);
});

test("what comes in parts is read line by line, wherever it was divided", () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat(40)), (texts, sizes) => {
			const lines = texts.map((text) => JSON.stringify(text));
			const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
			const read: string[] = [];
			const reader = new LineReader((line) => read.push(line));
			let at = 0;
			for (const size of [...sizes, bytes.length]) {
				reader.add(bytes.subarray(at, at + size));
				at += size;
			}
			expect(read).toEqual(lines);
		}),
	);
});

test("a line without an end is not waited for", () => {
	const reader = new LineReader(() => undefined);
	expect(() => {
		for (let part = 0; part < 100; part++) reader.add(new Uint8Array(100_000).fill(65));
	}).toThrow("too long");
});

test("vectors arrive as they were sent", () => {
	fc.assert(
		fc.property(fc.float32Array({ noNaN: true }), (vector) => {
			expect(decodeVector(encodeVector(vector))).toEqual(vector);
		}),
	);
});
