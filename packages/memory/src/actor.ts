/** Who asked for a change, for the history. */
export interface Actor {
	readonly changedBy: string;
	readonly actorType: string;
	readonly sessionId: string | null;
	readonly requestId: string | null;
}
