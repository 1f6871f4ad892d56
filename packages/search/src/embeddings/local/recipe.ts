import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

/** How the vectors of texts become the vector of a text: by the mean of all its tokens, or by its first one. */
export type Pooling = "mean" | "cls";

/** How a sentence model is to be used. Other recipes make other vectors of the same texts. */
export interface Recipe {
	readonly pooling: Pooling;
	/** What stands before a question, and before a text to be found. */
	readonly queryPrefix: string;
	readonly documentPrefix: string;
	/** Tokens that the model takes; what is longer is cut. */
	readonly maxTokens: number;
}

/** Attention takes memory by the square of the length: with this the process stays under half a gigabyte. */
export const MOST_TOKENS = 512;
const LEAST_TOKENS = 8;

const PLAIN: Recipe = { pooling: "mean", queryPrefix: "", documentPrefix: "", maxTokens: MOST_TOKENS };

const tokens = z.pipe(
	z.number().check(z.int(), z.minimum(LEAST_TOKENS)),
	z.transform((count: number) => Math.min(count, MOST_TOKENS)),
);

/** Ours, beside a model that was placed by hand. */
const signetFile = z.object({
	pooling: z.optional(z.enum(["mean", "cls"])),
	queryPrefix: z.optional(z.string()),
	documentPrefix: z.optional(z.string()),
	maxTokens: z.optional(tokens),
});
/** What sentence-transformers writes beside its models. */
const poolingFile = z.object({ pooling_mode_cls_token: z.optional(z.boolean()) });
const promptsFile = z.object({
	prompts: z.optional(z.object({ query: z.optional(z.string()), document: z.optional(z.string()) })),
});
const lengthFile = z.object({ max_seq_length: z.optional(tokens) });

/**
 * The recipe of the model in a folder: by `signet.json`, else by what is known of the model, else by the files of
 * sentence-transformers. Throws when a file is there and cannot be understood.
 */
export function readRecipe(folder: string, known: Partial<Recipe> | undefined): Recipe {
	const own = definedOf(readJson(join(folder, "signet.json"), signetFile));
	return { ...PLAIN, ...(known ?? readPublished(folder)), ...own };
}

function readPublished(folder: string): Partial<Recipe> {
	const pooling = readJson(join(folder, "1_Pooling", "config.json"), poolingFile)?.pooling_mode_cls_token;
	const { prompts } = readJson(join(folder, "config_sentence_transformers.json"), promptsFile) ?? {};
	const length = readJson(join(folder, "sentence_bert_config.json"), lengthFile)?.max_seq_length;
	return definedOf({
		pooling: pooling ? "cls" : "mean",
		queryPrefix: prompts?.query,
		documentPrefix: prompts?.document,
		maxTokens: length,
	});
}

function readJson<T>(file: string, schema: z.ZodMiniType<T>): T | undefined {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch {
		return undefined;
	}
	const parsed = schema.safeParse(parsedJson(text));
	if (parsed.success) return parsed.data;
	const [{ path, message } = { path: [], message: "" }] = parsed.error.issues;
	throw new Error(`${file} cannot be used: ${[path.join("."), message].filter(Boolean).join(": ")}`);
}

function parsedJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function definedOf<T extends object>(values: T | undefined): Defined<T> {
	const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as Defined<T>;
}
