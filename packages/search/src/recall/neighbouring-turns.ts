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
 * For each document the turns of its session just before and after, `count` on either side at most, in their order. Those
 * that may not be seen are passed over, as if they were not there. Of the filter only the project holds besides, for turns
 * that name one: who asks what one has said wants to see what the other answered.
 */
export async function neighbouringTurns(
	reader: Reader,
	conversations: Conversations,
	docs: readonly number[],
	{ count, filter }: { count: number; filter: MemoryFilter },
): Promise<Map<number, Turns>> {
	const visible = new VisibleTurns(reader, filter);
	const turns = new Map<number, Turns>();
	for (const doc of docs) {
		const before = await visible.nearest(doc, count, (at) => conversations.previous(at));
		const after = await visible.nearest(doc, count, (at) => conversations.next(at));
		turns.set(doc, { before: before.reverse(), after });
	}
	return turns;
}

/** Turns as far as they may be seen, each read once. */
class VisibleTurns {
	readonly #memories = new Map<number, string>();
	/** Undefined for those that may not be seen. */
	readonly #rows = new Map<string, ShownMemory | undefined>();

	constructor(
		private readonly reader: Reader,
		private readonly filter: MemoryFilter,
	) {}

	/** The nearest turns in one direction, the nearest first, without the one that the document itself is of. */
	async nearest(doc: number, count: number, step: (doc: number) => number): Promise<ShownMemory[]> {
		const found = new Map<string, ShownMemory>();
		let at = doc;
		// Most often as many as are wanted may be seen, and are of one document each; else ever more are read at once.
		for (let steps = 0; steps < MAX_STEPS && found.size < count; ) {
			const walked: number[] = [];
			const wanted = Math.max(count, steps);
			for (let next = step(at); next !== 0 && walked.length < wanted; next = step(next)) walked.push(next);
			if (walked.length === 0) break;
			await this.#read([doc, ...walked]);
			for (const next of walked) {
				const id = this.#memories.get(next);
				const row = id === undefined || id === this.#memories.get(doc) ? undefined : this.#rows.get(id);
				if (row && found.size < count) found.set(row.id, row);
			}
			steps += walked.length;
			at = walked.at(-1) ?? 0;
		}
		return [...found.values()];
	}

	async #read(docs: readonly number[]): Promise<void> {
		const unknown = docs.filter((doc) => !this.#memories.has(doc));
		if (unknown.length === 0) return;
		for (const [doc, id] of await memoryIdsOfDocuments(this.reader, unknown)) this.#memories.set(doc, id);
		const ids = unknown.flatMap((doc) => this.#memories.get(doc) ?? []).filter((id) => !this.#rows.has(id));
		const { scope, project } = this.filter;
		const rows = await readShownMemories(this.reader, ids, { scope });
		for (const id of ids) this.#rows.set(id, undefined);
		for (const row of rows) if (isOfProject(row, project)) this.#rows.set(row.id, row);
	}
}

function isOfProject({ project }: ShownMemory, wanted: string | undefined): boolean {
	return wanted === undefined || project === null || project === wanted;
}
