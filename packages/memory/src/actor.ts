/** Who asked for a change, for the history. */
export interface Actor {
	readonly changedBy: string;
	readonly actorType: string;
	readonly sessionId: string | null;
	readonly requestId: string | null;
}

/**
 * Keeps memories in step with files. What it has retired because a file does not say it any more was not forgotten by
 * anybody: it comes back when the file says it again.
 */
export const FILE_KEEPER: Actor = {
	changedBy: "file-keeper",
	actorType: "pipeline",
	sessionId: null,
	requestId: null,
};
