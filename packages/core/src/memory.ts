/** Which memories are meant; every given part must hold. Forgotten ones are never meant. */
export interface MemoryFilter {
	/** The beginning of its id. */
	readonly idPrefix?: string;
	readonly type?: string;
	/** All of them, each as a whole; case does not matter. */
	readonly tags?: readonly string[];
	readonly who?: string;
	readonly project?: string;
	readonly sourceType?: string;
	readonly pinned?: boolean;
	/** From 0 to 1. */
	readonly importanceMin?: number;
	/** Milliseconds since the epoch, both inclusive. */
	readonly sinceMs?: number;
	readonly untilMs?: number;
}
