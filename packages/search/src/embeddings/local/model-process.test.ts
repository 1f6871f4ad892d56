import { describe, expect, test } from "bun:test";
import type { PipedOptions } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { EmbeddingFailure } from "../provider.ts";
import { ModelProcess } from "./model-process.ts";
import { type AskMessage, encodeVector } from "./worker-messages.ts";

const IDLE_MS = 60_000;
const SILENCE_MS = 30_000;
const LOAD = {
	folder: "/models/tiny",
	digests: { "model.onnx": "a", "tokenizer.json": "b" },
	pooling: "mean",
	maxTokens: 64,
} as const;

/** A process that the test plays. */
class Played {
	readonly asked: AskMessage[] = [];
	isClosed = false;
	isKilled = false;
	#isLoaded = false;

	constructor(
		readonly command: readonly string[],
		private readonly options: PipedOptions,
	) {}

	get piped() {
		return {
			pid: 1,
			write: (text: string) => {
				for (const line of text.trim().split("\n")) {
					if (this.#isLoaded) this.asked.push(JSON.parse(line));
					this.#isLoaded = true;
				}
			},
			closeInput: () => {
				this.isClosed = true;
			},
			kill: () => {
				this.isKilled = true;
			},
		};
	}

	say(message: unknown): void {
		this.options.onOutput(Buffer.from(`${JSON.stringify(message)}\n`));
	}

	/** Answer everything that was asked with the lengths of the texts. */
	answerAll(): void {
		for (const { id, texts } of this.asked.splice(0)) {
			for (const [at, text] of texts.entries()) {
				this.say({ id, at, vector: encodeVector(Float32Array.of(text.length, 1)) });
			}
		}
	}

	end(exitCode: number | undefined, lastWords = ""): void {
		this.options.onExit({ exitCode, lastWords });
	}
}

function setUp() {
	const played: Played[] = [];
	const world = seededWorld({
		startPiped(command, options) {
			const one = new Played(command, options);
			played.push(one);
			return one.piped;
		},
	});
	const model = new ModelProcess({ world, command: ["signet", "embed-worker"], load: LOAD, idleMs: IDLE_MS });
	const embed = (texts: readonly string[], isUrgent = false) => model.embed(texts, isUrgent, SILENCE_MS);
	return { played, world, model, embed };
}

const failureOf = (promise: Promise<unknown>) =>
	promise.then(
		() => undefined,
		(error: EmbeddingFailure) => error,
	);

test("a process is started by the first text, answers all, and is told to end when nobody asks", async () => {
	const { played, world, model, embed } = setUp();
	expect(played).toEqual([]);
	const [first, second] = [embed(["a", "bbb"]), embed(["cc"], true)];
	const [one] = played;
	expect(one?.command).toEqual(["signet", "embed-worker"]);
	expect(one?.asked.map(({ texts, isUrgent }) => [texts, isUrgent])).toEqual([
		[["a", "bbb"], false],
		[["cc"], true],
	]);
	one?.answerAll();
	expect((await first).map((vector) => vector?.[0])).toEqual([1, 3]);
	expect((await second)[0]?.[0]).toBe(2);

	await world.advance(IDLE_MS - 1);
	expect([one?.isClosed, model.isRunning]).toEqual([false, true]);
	await world.advance(1);
	expect([one?.isClosed, one?.isKilled, model.isRunning]).toEqual([true, false, false]);
	// One that does not end by itself is ended.
	await world.advance(10_000);
	expect(one?.isKilled).toBe(true);
	const third = embed(["dddd"]);
	played[1]?.answerAll();
	expect((await third)[0]?.[0]).toBe(4);
});

test("it is not idle while it is asked something, nor just after", async () => {
	const { played, world, embed } = setUp();
	const slow = embed(["a"]);
	await world.advance(SILENCE_MS - 1);
	played[0]?.answerAll();
	await slow;
	await world.advance(IDLE_MS - 1);
	const next = embed(["b"]);
	await world.advance(SILENCE_MS - 1);
	expect(played[0]?.isClosed).toBe(false);
	played[0]?.answerAll();
	await next;
	expect(played).toHaveLength(1);
});

describe("what was asked fails, and the next text starts another process,", () => {
	test("when it ends", async () => {
		const { played, embed } = setUp();
		const asked = [embed(["a"]), embed(["b"])];
		played[0]?.end(undefined, "out of memory");
		for (const each of asked) {
			const failure = await failureOf(each);
			expect(failure).toBeInstanceOf(EmbeddingFailure);
			expect(failure?.message).toBe("the model's process was ended by a signal: out of memory");
		}
		const next = embed(["cc"]);
		played[1]?.answerAll();
		expect((await next)[0]?.[0]).toBe(2);
	});

	test("when it refuses the model, with its words", async () => {
		const { played, embed } = setUp();
		const asked = embed(["a"]);
		played[0]?.say({ refusal: "model.onnx is refused" });
		played[0]?.end(1, "noise");
		expect((await failureOf(asked))?.message).toBe("model.onnx is refused");
	});

	test("when it is silent for too long, but not while it says something", async () => {
		const { played, world, embed } = setUp();
		const asked = embed(["a", "b"]);
		const failure = failureOf(asked);
		await world.advance(SILENCE_MS - 1);
		played[0]?.say({ dimensions: 2 });
		await world.advance(SILENCE_MS - 1);
		expect(played[0]?.isKilled).toBe(false);
		await world.advance(1);
		expect((await failure)?.message).toContain("no sign of life");
		expect(played[0]?.isKilled).toBe(true);
	});

	test("when what it says means nothing", async () => {
		const { played, embed } = setUp();
		const failure = failureOf(embed(["a"]));
		played[0]?.say({ nonsense: true });
		expect((await failure)?.message).toContain("cannot be understood");
	});

	test("when it cannot be started", async () => {
		const model = new ModelProcess({ world: seededWorld(), command: ["signet"], load: LOAD, idleMs: IDLE_MS });
		expect((await failureOf(model.embed(["a"], false, SILENCE_MS)))?.message).toContain("cannot be started");
	});
});

test("a text that the model cannot do is refused, and the process goes on", async () => {
	const { played, embed } = setUp();
	const [bad, good] = [embed(["a"]), embed(["bb"])];
	const [first] = played[0]?.asked.splice(0, 1) ?? [];
	played[0]?.say({ id: first?.id, problem: "index out of bounds" });
	played[0]?.answerAll();
	expect((await failureOf(bad))?.isRefusal).toBe(true);
	expect((await good)[0]?.[0]).toBe(2);
	expect(played).toHaveLength(1);
});

test("no text is sent whole that no model could take in", async () => {
	const { played, embed } = setUp();
	void embed(["x".repeat(5_000_000)]).catch(() => undefined);
	expect(played[0]?.asked[0]?.texts[0]?.length).toBeLessThan(100_000);
});
