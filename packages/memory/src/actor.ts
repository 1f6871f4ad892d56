import { EVERYTHING, type MemoryScope } from "@signet/core";

/** Who asked for a change: for the history, and for what they may change. */
export interface Actor {
	readonly changedBy: string;
	readonly actorType: string;
	readonly sessionId: string | null;
	readonly requestId: string | null;
	/** What they can see: for them nothing else is there. */
	readonly scope: MemoryScope;
	/** Whether they have proved to be that, or this program is it; else it is what they say of themselves. */
	readonly isVerified: boolean;
}

/** Takes back what an import has brought. */
export const IMPORT_KEEPER: Actor = {
	changedBy: "import-keeper",
	actorType: "operator",
	sessionId: null,
	requestId: null,
	scope: EVERYTHING,
	isVerified: true,
};

/**
 * Keeps memories in step with files. What it has retired because a file does not say it any more was not forgotten by
 * anybody: it comes back when the file says it again.
 */
export const FILE_KEEPER: Actor = {
	changedBy: "file-keeper",
	actorType: "pipeline",
	sessionId: null,
	requestId: null,
	scope: EVERYTHING,
	isVerified: true,
};

const RETIRING = new Set([FILE_KEEPER.changedBy, IMPORT_KEEPER.changedBy]);

/** Whether a forgotten memory was taken back by the program that had brought it, and by nobody who wanted it gone. */
export function isRetired({ updatedBy }: { readonly updatedBy: string }): boolean {
	return RETIRING.has(updatedBy);
}
