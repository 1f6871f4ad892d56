import { parseTime } from "@signet/core";
import type { ChangedMemory, DocumentContext } from "@signet/db";
import { tokenise } from "../lexical/tokenise.ts";
import { isNoName, Mark, marksOf } from "./marks.ts";
import { statedMark } from "./stated-type.ts";

/** Where a document stands in its conversation, and what kind of thing its memory says. */
export function contextOf(
	memory: ChangedMemory,
	{ chunk, isLast }: { chunk: number; isLast: boolean },
): DocumentContext {
	const { content, who, sourceType, role, sessionId, position, createdAt, stored } = memory;
	const said = marksOf({ text: content ?? "", who, sourceType, role });
	const marks = (said & Mark.ASSISTANT) === 0 ? said | statedMark(memory) : said;
	return {
		session: sessionId === null || sessionId === "" ? null : sessionHash(sessionId),
		place: position ?? (createdAt === null ? undefined : parseTime(createdAt)) ?? 0,
		stored: stored ?? 0,
		chunk,
		speaker: speakerOf(who),
		// Only what follows the end of it is an answer, and it begins with a rule, if with any.
		marks: marks & ~((isLast ? 0 : Mark.QUESTION) | (chunk === 0 ? 0 : Mark.RULE)),
	};
}

/** A hash of a word by which speakers are known; never 0. */
export function speakerHash(word: string): number {
	return Number(BigInt(Bun.hash(word)) & 0x7fff_ffffn) || 1;
}

/** The name that somebody is called by is the first. */
function speakerOf(who: string | null): number {
	if (who === null || isNoName(who)) return 0;
	const [name] = tokenise(who);
	return name === undefined ? 0 : speakerHash(name);
}

/** 52 bits of a hash: a whole number that JavaScript and SQLite both hold exactly. */
function sessionHash(name: string): number {
	return Number(BigInt(Bun.hash(name)) & 0xf_ffff_ffff_ffffn);
}
