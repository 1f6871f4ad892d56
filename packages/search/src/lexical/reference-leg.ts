import type { MemoryFilter } from "@signet/core";
import { matchMemoriesFts, type Reader } from "@signet/db";
import { plainBeginnings, plainQueryWords } from "./query-words.ts";

/** Up to this many words all of them are wanted; longer questions never have all their words in one memory. */
const MAX_REQUIRED_WORDS = 3;

/** Memories by the reference's full-text table, best first; all of the words if any memory has them, else any. */
export async function matchAsReference(
	reader: Reader,
	query: string,
	filter: MemoryFilter,
	limit: number,
): Promise<{ id: string; score: number }[]> {
	const beginnings = plainBeginnings(query);
	const words = plainQueryWords(query).map((word) => (beginnings.has(word) ? { beginning: word } : word));
	if (words.length === 0) return [];
	if (words.length <= MAX_REQUIRED_WORDS) {
		const hits = await matchMemoriesFts(reader, { words, mode: "all", filter, limit });
		if (hits.length > 0) return hits;
	}
	return matchMemoriesFts(reader, { words, mode: "any", filter, limit });
}
