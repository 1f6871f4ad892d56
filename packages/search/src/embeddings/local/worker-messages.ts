import * as z from "zod/mini";

/**
 * What the daemon and the process that runs a model say to each other: one JSON object a line. First the daemon says
 * which model; what it asks then is answered text by text, in any order.
 */

const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const loadMessage = z.object({
	folder: z.string(),
	digests: z.object({ "model.onnx": digest, "tokenizer.json": digest }),
	pooling: z.enum(["mean", "cls"]),
	maxTokens: z.number(),
});
export type LoadMessage = z.infer<typeof loadMessage>;

export const askMessage = z.object({
	id: z.number(),
	texts: z.array(z.string()),
	/** A person or an agent waits for it: it goes before the others. */
	isUrgent: z.boolean(),
});
export type AskMessage = z.infer<typeof askMessage>;

export const workerMessage = z.union([
	/** The model is there. */
	z.object({ dimensions: z.number() }),
	/** It cannot be used at all; the process ends. */
	z.object({ refusal: z.string() }),
	/** A text's vector: its numbers as 32-bit floats, lowest byte first, in base64; null when it has none. */
	z.object({ id: z.number(), at: z.number(), vector: z.nullable(z.string()) }),
	/** One of the texts cannot be embedded. */
	z.object({ id: z.number(), problem: z.string() }),
]);
export type WorkerMessage = z.infer<typeof workerMessage>;

/** Longer lines are nobody's. */
const MAX_LINE_CHARS = 4_000_000;

/** Divides what comes in parts into lines. */
export class LineReader {
	readonly #decoder = new TextDecoder();
	#begun = "";

	constructor(private readonly onLine: (line: string) => void) {}

	/** Throws when a line is too long. */
	add(bytes: Uint8Array): void {
		const lines = (this.#begun + this.#decoder.decode(bytes, { stream: true })).split("\n");
		this.#begun = lines.pop() ?? "";
		if (this.#begun.length > MAX_LINE_CHARS) throw new Error("a message is too long");
		for (const line of lines) this.onLine(line);
	}
}

export function encodeVector(vector: Float32Array): string {
	const bytes = Buffer.alloc(vector.length * 4);
	for (const [at, number] of vector.entries()) bytes.writeFloatLE(number, at * 4);
	return bytes.toString("base64");
}

export function decodeVector(text: string): Float32Array {
	const bytes = Buffer.from(text, "base64");
	return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
}
