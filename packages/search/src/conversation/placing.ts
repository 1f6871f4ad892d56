import type { Timers } from "@signet/core";
import { type DocumentContext, neighboursOf, type Reader } from "@signet/db";
import type { PlacedDocument } from "./conversations.ts";

/** Neighbours looked for in one turn of the loop. */
const PLACED_A_TURN = 200;

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
