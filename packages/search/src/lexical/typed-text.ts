import type { MemoryFilter, Timers } from "@signet/core";
import {
	type Database,
	documentsWith,
	type FtsMatch,
	type LookedFor,
	memoryIdsOfDocuments,
	readShownMemories,
	typedWords,
} from "@signet/db";
import { beginningsIn } from "./beginnings.ts";
import { fold, isUnspaced, tokenise } from "./tokenise.ts";

/** Documents looked at, the newest that have all words that were typed, and the newest that have the longest of them. */
const MAX_CANDIDATES = 200;
/** Texts compared in one turn of the loop. */
const COMPARED = 25;
/** BM25's: how soon more occurrences say no more. */
const K1 = 1.2;

/** A letter or digit of a script that puts spaces between words. */
const LETTER = String.raw`[[\p{L}\p{N}]--[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]]`;

export interface TypedTextContext {
	readonly database: Database;
	readonly world: { readonly timers: Pick<Timers, "yield"> };
}

/**
 * Memories that have all that a person typed, as it stands, by our lexicon: the reference's table takes a sentence in a
 * script without spaces for one word, and keeps some accents. At most `limit`, the best first; those in `known` are left
 * out. Gives way to other work.
 */
export async function matchTypedText(
	{ database, world }: TypedTextContext,
	text: string,
	{ filter, limit, known }: { filter: MemoryFilter; limit: number; known?: ReadonlySet<string> },
): Promise<FtsMatch[]> {
	const wanted = typedWords(text)
		.map((typed) => ({ ...typed, text: plain(typed.text) }))
		.filter((typed) => typed.text !== "");
	const longest = wanted.toSorted((a, b) => b.text.length - a.text.length)[0];
	if (!longest) return [];
	const ids = await database.read(async (reader) => {
		// Most often one document has them all; of a memory in chunks each may have some.
		const all = await documentsWith(reader, wanted.flatMap(lookedFor), { filter, limit: MAX_CANDIDATES });
		const some =
			wanted.length > 1 ? await documentsWith(reader, lookedFor(longest), { filter, limit: MAX_CANDIDATES }) : [];
		const docs = [...all, ...some];
		const memories = await memoryIdsOfDocuments(reader, docs);
		return [...new Set(docs.flatMap((doc) => memories.get(doc) ?? []))].filter((id) => !known?.has(id));
	});
	const patterns = wanted.map(patternOf);
	const found: FtsMatch[] = [];
	for (let at = 0; at < ids.length; at += COMPARED) {
		const part = ids.slice(at, at + COMPARED);
		const rows = new Map(
			(await database.read((reader) => readShownMemories(reader, part, filter))).map((row) => [row.id, row]),
		);
		for (const id of part) {
			const score = scoreOf(plain(rows.get(id)?.content ?? ""), patterns);
			if (score > 0) found.push({ id, score });
		}
		await world.timers.yield();
	}
	return found.sort((a, b) => b.score - a.score).slice(0, limit);
}

interface Wanted {
	/** Plain, not empty. */
	readonly text: string;
	readonly isBeginning: boolean;
}

/** Letters and digits alone, small and without accents, with one blank for all that stands between them. */
function plain(text: string): string {
	return fold(text.normalize("NFKC").replace(/\p{Cf}+/gu, ""))
		.replace(/[^\p{L}\p{N}]+/gu, " ")
		.trim();
}

/** What documents that have it are found by. */
function lookedFor({ text, isBeginning }: Wanted): LookedFor[] {
	const words = [...new Set(tokenise(text))];
	const beginnings = beginningsIn(isBeginning ? `${text}*` : "");
	return words.map((word) => {
		const beginning = beginnings.get(word) ?? (isLone(word) ? { beginning: word, stems: [] } : undefined);
		return beginning ? { word, ...beginning } : word;
	});
}

/** Unspaced writing is found by pairs of characters: one by itself is the beginning of a pair. */
function isLone(word: string): boolean {
	return [...word].length === 1 && isUnspaced(word);
}

/** Whole words; unspaced writing wherever it stands. */
function patternOf({ text, isBeginning }: Wanted): RegExp {
	const characters = [...text];
	const before = isUnspaced(characters[0] ?? "") ? "" : `(?<!${LETTER})`;
	const after = isBeginning || isUnspaced(characters.at(-1) ?? "") ? "" : `(?!${LETTER})`;
	return new RegExp(before + text + after, "gv");
}

/** BM25 with words that are all equally telling and texts that are all equally long; 0 where one of them is missing. */
function scoreOf(content: string, patterns: readonly RegExp[]): number {
	let sum = 0;
	for (const pattern of patterns) {
		const occurrences = content.match(pattern)?.length ?? 0;
		if (occurrences === 0) return 0;
		sum += (occurrences * (K1 + 1)) / (occurrences + K1);
	}
	return sum;
}
