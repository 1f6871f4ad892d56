import type { World } from "@signet/core";
import { undoAnswer } from "./answers.ts";
import type { DaemonClient } from "./client.ts";

/** Rows of the first part: its answer comes soon, and says how many there are. */
const FEWEST = 16;
const MOST = 500;
/** How long a part is to take: as often something new is shown. */
const PART_MS = 300;

/** How far undoing has come. */
export interface UndoProgress {
	/** Rows looked at so far. */
	readonly done: number;
	/** Of so many; undefined as long as that is not known. */
	readonly all: number | undefined;
}

/**
 * Take an import back, a part at a time; what is told of its progress begins before the first part. Resolves to how many
 * rows were undone, and how many were left since somebody has changed them.
 */
export async function undoInParts(
	client: Pick<DaemonClient, "post">,
	id: string,
	clock: Pick<World["clock"], "monotonicMs">,
	onProgress: (progress: UndoProgress) => void,
): Promise<{ undone: number; left: number }> {
	let [undone, left] = [0, 0];
	onProgress({ done: 0, all: undefined });
	for (let limit = FEWEST; ; ) {
		const began = clock.monotonicMs();
		const part = undoAnswer.parse(await client.post(`/api/imports/${encodeURIComponent(id)}/undo`, { limit }));
		undone += part.undone;
		left += part.left;
		const done = undone + left;
		onProgress({ done, all: done + part.remaining });
		if (part.remaining === 0) return { undone, left };
		limit = nextPart(limit, clock.monotonicMs() - began);
	}
}

/** As many rows as can be expected to take the time of a part; at most twice as many as before. */
function nextPart(limit: number, tookMs: number): number {
	const fitting = tookMs > 0 ? Math.round((limit * PART_MS) / tookMs) : MOST;
	return Math.max(FEWEST, Math.min(MOST, 2 * limit, fitting));
}
