import type { Timers } from "@signet/core";
import { type DocumentContext, neighboursOf, type Reader } from "@signet/db";

/** Neighbours looked for in one turn of the loop. */
const PLACED_A_TURN = 200;

/** A document as it stands in its conversation now. */
export interface PlacedDocument {
	readonly doc: number;
	/** A hash of the session's name; null outside of any. */
	readonly session: number | null;
	/** The document before it in its session; 0 when it is the first. */
	readonly before: number;
	/** The document after it; 0 when it is the last. */
	readonly after: number;
	/** The place of its memory in the order in which they were stored, which no edit changes. */
	readonly stored: number;
	readonly speaker: number;
	readonly marks: number;
}

export type ContextOfDocument = DocumentContext & { readonly doc: number };

/**
 * Documents beside those that are their neighbours in their sessions now, whatever else came and went; in the order in which
 * they stand there, so that each can be put behind the one before it.
 */
export async function placedAmong(
	reader: Reader,
	contexts: readonly ContextOfDocument[],
	timers: Pick<Timers, "yield">,
): Promise<PlacedDocument[]> {
	const placed: PlacedDocument[] = [];
	const inOrder = contexts.toSorted((a, b) => a.place - b.place || a.stored - b.stored || a.chunk - b.chunk);
	for (const [at, context] of inOrder.entries()) {
		if (at % PLACED_A_TURN === PLACED_A_TURN - 1) await timers.yield();
		placed.push({ ...context, ...(await neighboursOf(reader, context)) });
	}
	return placed;
}
