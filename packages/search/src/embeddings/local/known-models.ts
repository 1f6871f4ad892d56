import { MOST_TOKENS, type Recipe } from "./recipe.ts";

/** Where models come from, unless `SIGNET_MODEL_URL` names another place. */
export const MODEL_HUB = "https://huggingface.co";

/** A model that can be downloaded by its name. */
export interface KnownModel {
	readonly name: string;
	/** What other programs call it. */
	readonly aliases?: readonly string[];
	/** On the Hugging Face Hub. */
	readonly repository: string;
	/** Which file of the repository becomes which of ours. */
	readonly files: Readonly<Record<"model.onnx" | "tokenizer.json", string>>;
	readonly dimensions: number;
	/** About so much is downloaded. */
	readonly megabytes: number;
	readonly recipe: Recipe;
	/** For whom it is good, in a few words. */
	readonly goodFor: string;
}

/** With 8 bits a weight: a quarter of the size. */
const FILES = { "model.onnx": "onnx/model_quantized.onnx", "tokenizer.json": "tokenizer.json" } as const;

/** As their makers say that they are to be used. */
export const KNOWN_MODELS: readonly KnownModel[] = [
	{
		name: "bge-small-en-v1.5",
		repository: "Xenova/bge-small-en-v1.5",
		files: FILES,
		dimensions: 384,
		megabytes: 35,
		recipe: {
			pooling: "cls",
			queryPrefix: "Represent this sentence for searching relevant passages: ",
			documentPrefix: "",
			maxTokens: MOST_TOKENS,
		},
		goodFor: "English; the default",
	},
	{
		name: "all-MiniLM-L6-v2",
		aliases: ["all-minilm"],
		repository: "Xenova/all-MiniLM-L6-v2",
		files: FILES,
		dimensions: 384,
		megabytes: 24,
		recipe: { pooling: "mean", queryPrefix: "", documentPrefix: "", maxTokens: 256 },
		goodFor: "English; twice as quick",
	},
	{
		name: "multilingual-e5-small",
		repository: "Xenova/multilingual-e5-small",
		files: FILES,
		dimensions: 384,
		megabytes: 135,
		recipe: { pooling: "mean", queryPrefix: "query: ", documentPrefix: "passage: ", maxTokens: MOST_TOKENS },
		goodFor: "a hundred languages",
	},
	{
		name: "nomic-embed-text-v1.5",
		aliases: ["nomic-embed-text"],
		repository: "nomic-ai/nomic-embed-text-v1.5",
		files: FILES,
		dimensions: 768,
		megabytes: 138,
		recipe: {
			pooling: "mean",
			queryPrefix: "search_query: ",
			documentPrefix: "search_document: ",
			maxTokens: MOST_TOKENS,
		},
		goodFor: "English; better, and several times slower",
	},
];

/** The known model of that name, if there is one. */
export function knownModel(name: string): KnownModel | undefined {
	const asked = name.toLowerCase();
	return KNOWN_MODELS.find((model) =>
		[model.name, ...(model.aliases ?? [])].some((called) => called.toLowerCase() === asked),
	);
}
