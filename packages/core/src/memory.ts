/**
 * The part of all memories that somebody may see and change; every given part must hold. A memory that says nothing of a
 * part is outside of it.
 */
export interface MemoryScope {
	readonly project?: string;
	/** The agent whose token stored it. */
	readonly agent?: string;
	/** The user for whom it was stored. */
	readonly user?: string;
}

/** The scope of whoever may see all there is. */
export const EVERYTHING: MemoryScope = {};

/** Whether a scope leaves anything out. */
export function isScoped({ project, agent, user }: MemoryScope): boolean {
	return project !== undefined || agent !== undefined || user !== undefined;
}

/** Which memories are meant; every given part must hold. Forgotten ones are never meant. */
export interface MemoryFilter {
	/** What whoever asks may see. Nothing can be asked without saying so. */
	readonly scope: MemoryScope;
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
