import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mulberry32 } from "@signet/core";

/**
 * A sentence model of a few kilobytes, made here: a table with a vector for each word, in the format of ONNX
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), and the tokeniser that belongs to it. Words of one meaning
 * have one vector, so that it knows more than spelling.
 */

export const TINY_DIMENSIONS = 32;
/** Tokens in any text besides its words: what it begins with and what it ends with. */
export const TINY_FRAME = 2;
/** A word that the tokeniser knows and the model does not: no text with it can be embedded. */
export const UNKNOWN_TO_MODEL = "kryptonite";

const MEANINGS: readonly (readonly string[])[] = [
	["car", "automobile", "vehicle"],
	["doctor", "physician", "medic"],
	["happy", "glad", "cheerful"],
	["big", "large", "huge"],
	["house", "home", "dwelling"],
	["begin", "start", "commence"],
	["query"],
	["passage"],
	["my", "the", "a", "is", "of", "for", "who", "what", "which", "needs", ":", "?", "."],
];
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
/** What says little counts little, as a trained model would have it. */
const LITTLE = 0.05;
const FILLERS = MEANINGS.length - 1;

/** Write the model and its tokeniser into a folder, with other files if there are any to lie beside them. */
export function writeTinyModel(folder: string, { seed = 1, besides = {} }: TinyModelOptions = {}): void {
	mkdirSync(folder, { recursive: true });
	const { model, tokenizer } = tinyModel(seed);
	writeFileSync(join(folder, "model.onnx"), model);
	writeFileSync(join(folder, "tokenizer.json"), tokenizer);
	for (const [name, value] of Object.entries(besides)) {
		mkdirSync(join(folder, name, ".."), { recursive: true });
		writeFileSync(join(folder, name), JSON.stringify(value));
	}
}

export interface TinyModelOptions {
	/** Another seed makes another model of the same words. */
	readonly seed?: number;
	/** Files by their names, as JSON. */
	readonly besides?: Readonly<Record<string, unknown>>;
}

/** The two files of the model. */
export function tinyModel(seed = 1): { model: Uint8Array; tokenizer: string } {
	const words = [...SPECIAL, ...MEANINGS.flat()];
	const random = mulberry32(seed);
	const vectorOf = (scale: number) => Float32Array.from({ length: TINY_DIMENSIONS }, () => scale * (random() - 0.5));
	const special = SPECIAL.map(() => vectorOf(LITTLE));
	const meanings = MEANINGS.map((_, at) => vectorOf(at === FILLERS ? LITTLE : 1));
	const table = [...special, ...MEANINGS.flatMap((group, at) => group.map(() => meanings[at] ?? new Float32Array()))];
	const vocabulary = Object.fromEntries([...words.entries()].map(([id, word]) => [word, id]));
	vocabulary[UNKNOWN_TO_MODEL] = words.length;
	return { model: lookupModel(table), tokenizer: JSON.stringify(wordTokenizer(vocabulary)) };
}

function wordTokenizer(vocab: Readonly<Record<string, number>>): unknown {
	const special = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } });
	const frame = Object.fromEntries(["[CLS]", "[SEP]"].map((id) => [id, { id, ids: [vocab[id]], tokens: [id] }]));
	return {
		version: "1.0",
		added_tokens: SPECIAL.map((content) => ({ id: vocab[content], content, special: true, normalized: false })),
		normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
		pre_tokenizer: { type: "BertPreTokenizer" },
		post_processor: {
			type: "TemplateProcessing",
			single: [special("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, special("[SEP]")],
			pair: [],
			special_tokens: frame,
		},
		decoder: { type: "WordPiece", prefix: "##", cleanup: true },
		model: {
			type: "WordPiece",
			unk_token: "[UNK]",
			continuing_subword_prefix: "##",
			max_input_chars_per_word: 100,
			vocab,
		},
	};
}

/** A model that looks each token up in a table. */
function lookupModel(table: readonly Float32Array[]): Uint8Array {
	const shape = [table.length, TINY_DIMENSIONS];
	const numbers = new Uint8Array(Float32Array.from(table.flatMap((row) => [...row])).buffer);
	const graph = message(
		bytesField(1, message(text(1, "table"), text(1, "input_ids"), text(2, "last_hidden_state"), text(4, "Gather"))),
		text(2, "lookup"),
		bytesField(
			5,
			message(...shape.map((size) => number(1, size)), number(2, FLOAT), text(8, "table"), bytesField(9, numbers)),
		),
		bytesField(11, valueInfo("input_ids", INT64, ["batch", "tokens"])),
		bytesField(11, valueInfo("attention_mask", INT64, ["batch", "tokens"])),
		bytesField(12, valueInfo("last_hidden_state", FLOAT, ["batch", "tokens", TINY_DIMENSIONS])),
	);
	return message(
		number(1, 8),
		text(2, "signet"),
		bytesField(7, graph),
		bytesField(8, message(text(1, ""), number(2, 13))),
	);
}

const FLOAT = 1;
const INT64 = 7;

function valueInfo(name: string, type: number, shape: readonly (string | number)[]): Uint8Array {
	const sizes = shape.map((size) => bytesField(1, typeof size === "number" ? number(1, size) : text(2, size)));
	return message(
		text(1, name),
		bytesField(2, message(bytesField(1, message(number(1, type), bytesField(2, message(...sizes)))))),
	);
}

/** The wire format of Protocol Buffers, as far as it is needed (https://protobuf.dev/programming-guides/encoding). */
function message(...fields: readonly Uint8Array[]): Uint8Array {
	return Buffer.concat(fields);
}

function number(field: number, value: number): Uint8Array {
	return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

function text(field: number, value: string): Uint8Array {
	return bytesField(field, Buffer.from(value));
}

function bytesField(field: number, value: Uint8Array): Uint8Array {
	return Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(value.length)]), value]);
}

function varint(value: number): number[] {
	return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
