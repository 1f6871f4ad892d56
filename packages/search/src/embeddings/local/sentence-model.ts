import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { messageOf } from "@signet/core";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import type { ModelFile } from "./model-store.ts";
import { wasmBinary } from "./wasm-file.ts";
import type { LoadMessage } from "./worker-messages.ts";

/** No word is so long that the text up to here has fewer tokens than are taken. */
const CHARS_PER_TOKEN = 40;
/** What goes wrong is thrown as well. */
const FATAL = 4;

/** A sentence model in memory: makes the vectors of texts, one at a time. */
export class SentenceModel {
	private constructor(
		private readonly session: InferenceSession,
		private readonly tokenizer: Tokenizer,
		private readonly settings: LoadMessage,
	) {}

	/** Read a model from its folder. Throws, with a sentence that names the file, when it is not what it was or is none. */
	static async load(settings: LoadMessage): Promise<SentenceModel> {
		const tokenizer = readTokenizer(settings);
		const model = readVerified(settings, "model.onnx");
		env.wasm.wasmBinary = wasmBinary();
		// The engine's threads are those of a browser.
		env.wasm.numThreads = 1;
		env.logLevel = "fatal";
		try {
			const session = await InferenceSession.create(model, { executionProviders: ["wasm"], logSeverityLevel: FATAL });
			return new SentenceModel(session, tokenizer, settings);
		} catch (error) {
			throw new Error(`${join(settings.folder, "model.onnx")} cannot be run: ${messageOf(error)}`);
		}
	}

	/**
	 * The unit vector of a text; undefined when it has no direction. One text at a time: a batch is no quicker on one
	 * thread, takes memory by its longest text, and models with 8 bits a weight give a text another vector in other company.
	 */
	async embed(text: string): Promise<Float32Array | undefined> {
		const ids = this.#tokens(text);
		const shape = [1, ids.length];
		const inputs: Record<string, Tensor> = {};
		for (const name of this.session.inputNames) {
			inputs[name] = new Tensor("int64", inputNumbers(name, ids), shape);
		}
		const outputs = await this.session.run(inputs, { logSeverityLevel: FATAL });
		try {
			return normalised(this.#pooled(outputs));
		} finally {
			for (const output of Object.values(outputs)) output.dispose();
		}
	}

	/** Tokens of a text, cut to what the model takes, with those that the model wants at both ends. */
	#tokens(text: string): number[] {
		const { maxTokens } = this.settings;
		const { ids } = this.tokenizer.encode(text.slice(0, maxTokens * CHARS_PER_TOKEN));
		if (ids.length <= maxTokens) return ids;
		const frame = this.tokenizer.encode("").ids;
		let closing = 0;
		while (closing < frame.length && frame.at(-1 - closing) === ids.at(-1 - closing)) closing++;
		return [...ids.slice(0, maxTokens - closing), ...ids.slice(ids.length - closing)];
	}

	/** The vector of a text from those of its tokens, or the one that the model has made of them itself. */
	#pooled(outputs: InferenceSession.OnnxValueMapType): Float32Array {
		const tensors = Object.values(outputs);
		const whole = outputs.sentence_embedding ?? tensors.find(({ dims }) => dims.length === 2);
		if (whole?.dims.length === 2) return numbersOf(whole);
		const perToken = tensors.find(({ dims }) => dims.length === 3);
		if (!perToken) throw new Error("the model gives no vectors of tokens: it is no sentence model");
		const numbers = numbersOf(perToken);
		const [, count = 0, dimensions = 0] = perToken.dims;
		if (this.settings.pooling === "cls") return numbers.slice(0, dimensions);
		// Every token is one of the text's: there is nothing to be masked.
		const sum = new Float32Array(dimensions);
		for (let token = 0; token < count; token++) {
			for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] ?? 0) + (numbers[token * dimensions + at] ?? 0);
		}
		return sum;
	}
}

function readTokenizer(settings: LoadMessage): Tokenizer {
	const bytes = readVerified(settings, "tokenizer.json");
	try {
		return new Tokenizer(JSON.parse(new TextDecoder().decode(bytes)), {});
	} catch (error) {
		throw new Error(`${join(settings.folder, "tokenizer.json")} cannot be used: ${messageOf(error)}`);
	}
}

/** What is checked is what is used: the file is read once. */
function readVerified({ folder, digests }: LoadMessage, name: ModelFile): Uint8Array {
	const file = join(folder, name);
	const bytes = readFileSync(file);
	const found = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
	if (found === digests[name]) return bytes;
	throw new Error(
		`${file} is refused: it has changed since it was taken (its SHA-256 is ${found}, and was ${digests[name]}). If that was meant, remove ${join(folder, "digests.json")}; if not, put the right file there, or have it downloaded again`,
	);
}

function inputNumbers(name: string, ids: readonly number[]): BigInt64Array {
	switch (name) {
		case "input_ids":
			return BigInt64Array.from(ids, BigInt);
		case "attention_mask":
			return new BigInt64Array(ids.length).fill(1n);
		case "token_type_ids":
			return new BigInt64Array(ids.length);
		case "position_ids":
			return BigInt64Array.from(ids, (_, at) => BigInt(at));
		default:
			throw new Error(`the model wants an input ${name}, which no sentence model has`);
	}
}

function numbersOf({ data }: InferenceSession.OnnxValueMapType[string]): Float32Array {
	if (data instanceof Float32Array) return data;
	throw new Error("the model does not answer with 32-bit numbers");
}

function normalised(vector: Float32Array): Float32Array | undefined {
	let square = 0;
	for (const x of vector) square += x * x;
	const length = Math.sqrt(square);
	return Number.isFinite(length) && length > 0 ? vector.map((x) => x / length) : undefined;
}
