import type { NewMemory } from "../index.ts";

/** A memory to be inserted, of which a test says what it is about. */
export function newMemory(given: Partial<NewMemory> & Pick<NewMemory, "id">): NewMemory {
	const createdAt = given.createdAt ?? "2026-01-01T00:00:00.000Z";
	return {
		content: given.id,
		normalizedContent: given.content ?? given.id,
		contentHash: given.id,
		type: "fact",
		category: null,
		confidence: 1,
		importance: 0.8,
		tags: null,
		pinned: false,
		who: "ana",
		why: null,
		project: null,
		sessionId: null,
		sourceType: "manual",
		sourceId: null,
		idempotencyKey: null,
		runtimePath: null,
		extractionStatus: "none",
		createdAt,
		updatedAt: createdAt,
		updatedBy: "ana",
		...given,
	};
}
