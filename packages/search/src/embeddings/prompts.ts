import type { TextPurpose } from "./provider.ts";

/** What a model wants before a text, by what the text is for. */
export type Prompts = Readonly<Record<TextPurpose, string>>;

const NONE: Prompts = { query: "", document: "" };
const REPRESENT: Prompts = { query: "Represent this sentence for searching relevant passages: ", document: "" };

/** As their makers say that they are to be used; other models get texts as they are. */
const KNOWN: readonly (readonly [RegExp, Prompts])[] = [
	[/^nomic-embed-text/, { query: "search_query: ", document: "search_document: " }],
	[/^(?:multilingual-)?e5-(?:small|base|large)(?!.*instruct)/, { query: "query: ", document: "passage: " }],
	[/^mxbai-embed-large/, REPRESENT],
	[/^bge-(?:small|base|large)-en/, REPRESENT],
];

/** The prompts of a model, by the name that its server has for it: `nomic-embed-text`, `nomic-ai/nomic-embed-text-v1.5`. */
export function promptsOf(model: string): Prompts {
	const name = model
		.toLowerCase()
		.replace(/^.*\//, "")
		.replace(/^text-embedding-/, "");
	return KNOWN.find(([pattern]) => pattern.test(name))?.[1] ?? NONE;
}

/** The name of a model as its vectors are stored: those made with a prompt cannot be compared with those made without. */
export function nameWithPrompt(model: string, { document }: Prompts): string {
	return document === "" ? model : `${model}#${document.replace(/\W+$/, "")}`;
}
