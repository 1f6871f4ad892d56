import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tokenise } from "../../packages/search/src/lexical/tokenise.ts";
import { DICTIONARY, folderOf } from "./sources.ts";

/** WordNet's files (`man 5 wndb`): groups of words that mean the same, and what each word may mean, the commonest first. */

const PARTS_OF_SPEECH = [
	["noun", "n"],
	["verb", "v"],
	["adj", "a"],
	["adv", "r"],
] as const;

export interface Meaning {
	/** The words of each expression that has this meaning. */
	readonly expressions: readonly (readonly string[])[];
	/** Meanings that are more general, or of which this one is a shade. */
	readonly above: readonly string[];
	/** Meanings related otherwise, opposites left out. */
	readonly beside: readonly string[];
	/** Words of its definition and examples. */
	readonly gloss: readonly string[];
}

export interface Dictionary {
	readonly meanings: ReadonlyMap<string, Meaning>;
	/** The words of an expression, and its meanings from the commonest to the rarest. */
	readonly entries: readonly { readonly words: readonly string[]; readonly meanings: readonly string[] }[];
}

export function readDictionary(workFolder: string): Dictionary {
	const folder = join(folderOf(workFolder, DICTIONARY), "usr/share/wordnet");
	const meanings = new Map<string, Meaning>();
	const entries: Dictionary["entries"][number][] = [];
	for (const [name, part] of PARTS_OF_SPEECH) {
		for (const line of linesOf(join(folder, `data.${name}`), /^\d/)) {
			meanings.set(part + line.slice(0, line.indexOf(" ")), parseMeaning(line));
		}
		for (const line of linesOf(join(folder, `index.${name}`), /^[a-z0-9]/)) {
			const fields = line.trim().split(" ");
			const ids = fields.slice(-Number(fields[2])).map((offset) => part + offset);
			entries.push({ words: tokenise(spaced(fields[0])), meanings: ids });
		}
	}
	return { meanings, entries };
}

function parseMeaning(line: string): Meaning {
	const [head = "", gloss = ""] = line.split(" | ");
	const fields = head.split(" ");
	const expressionCount = Number.parseInt(fields[3] ?? "0", 16);
	const expressions = Array.from({ length: expressionCount }, (_, which) =>
		tokenise(spaced(fields[4 + 2 * which]).replace(/\(.*\)$/, "")),
	);
	const above: string[] = [];
	const beside: string[] = [];
	const pointers = 4 + 2 * expressionCount;
	for (let which = 0; which < Number(fields[pointers]); which++) {
		const [kind = "", offset = "", part = ""] = fields.slice(pointers + 1 + 4 * which);
		const id = part.replace("s", "a") + offset;
		if (kind.startsWith("@") || kind === "&") above.push(id);
		else if (kind !== "!") beside.push(id);
	}
	return { expressions, above, beside, gloss: tokenise(gloss) };
}

function spaced(expression = ""): string {
	return expression.replaceAll("_", " ");
}

function linesOf(file: string, wanted: RegExp): string[] {
	return readFileSync(file, "utf8")
		.split("\n")
		.filter((line) => wanted.test(line));
}
