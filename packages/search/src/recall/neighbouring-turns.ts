import type { MemoryFilter } from "@signet/core";
import { memoryIdsOfDocuments, type Reader, readShownMemories, type ShownMemory } from "@signet/db";
import type { Conversations } from "../conversation/conversations.ts";

/** A long turn has many documents; of more than these nobody wants the next. */
const MAX_STEPS = 200;

export interface Turns {
	readonly before: readonly ShownMemory[];
	readonly after: readonly ShownMemory[];
}

/**
 * For each document the turns of its session just before and after, `count` on either side at most, in their order. Of the
 * filter only the project and the scope hold: who asks what one has said wants to see what the other answered.
 */
export async function neighbouringTurns(
	reader: Reader,
	conversations: Conversations,
	docs: readonly number[],
	{ count, filter }: { count: number; filter: MemoryFilter },
): Promise<Map<number, Turns>> {
	const walks = docs.map((doc) => ({
		doc,
		before: walk(doc, (at) => conversations.previous(at)),
		after: walk(doc, (at) => conversations.next(at)),
	}));
	const all = walks.flatMap(({ doc, before, after }) => [doc, ...before, ...after]);
	const memories = await memoryIdsOfDocuments(reader, [...new Set(all)]);
	const distinct = (walked: readonly number[], own: string | undefined) =>
		[...new Set(walked.flatMap((doc) => memories.get(doc) ?? []))].filter((id) => id !== own).slice(0, count);
	const wanted = walks.map(({ doc, before, after }) => {
		const own = memories.get(doc);
		return { doc, before: distinct(before, own).reverse(), after: distinct(after, own) };
	});
	const ids = [...new Set(wanted.flatMap(({ before, after }) => [...before, ...after]))];
	const { scope, project } = filter;
	const visible = project === undefined ? { scope } : { scope, project };
	const rows = new Map((await readShownMemories(reader, ids, visible)).map((row) => [row.id, row]));
	const rowsOf = (some: readonly string[]) => some.flatMap((id) => rows.get(id) ?? []);
	return new Map(wanted.map(({ doc, before, after }) => [doc, { before: rowsOf(before), after: rowsOf(after) }]));
}

function walk(from: number, step: (doc: number) => number): number[] {
	const walked: number[] = [];
	for (let doc = step(from); doc !== 0 && walked.length < MAX_STEPS; doc = step(doc)) walked.push(doc);
	return walked;
}
