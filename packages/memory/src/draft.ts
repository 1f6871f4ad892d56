import {
	CRITICAL_IMPORTANCE,
	cleanFields,
	DEFAULT_IMPORTANCE,
	inferType,
	invalidRequest,
	type NormalisedContent,
	normaliseContent,
	parsePrefixes,
	type TextCleaner,
} from "@signet/core";

/** What somebody wants remembered, as they say it. What is left out is taken from the text's notation or inferred. */
export interface RememberRequest {
	/** May begin with the short notation, `critical: [tag, tag]: `. */
	readonly content: string;
	readonly who?: string | undefined;
	readonly project?: string | undefined;
	/** From 0 to 1. */
	readonly importance?: number | undefined;
	/** As it is stored. An empty text takes the place of the notation's tags. */
	readonly tags?: string | null | undefined;
	readonly pinned?: boolean | undefined;
	readonly sourceType?: string | undefined;
	/** With `sourceType` the identity of where it comes from: another text of the same source replaces this one. */
	readonly sourceId?: string | undefined;
	readonly type?: string | undefined;
	readonly category?: string | undefined;
	/** From 0 to 1. */
	readonly confidence?: number | undefined;
	readonly sessionId?: string | undefined;
	/** Its place in its session, 0 or more: the smaller, the earlier; by `createdAt`, when it is left out. */
	readonly position?: number | undefined;
	/** What the speaker is in the conversation, such as `user` or `assistant`; by `who` and `sourceType` otherwise. */
	readonly role?: string | undefined;
	readonly runtimePath?: string | undefined;
	/** The same key again gives the first answer again. */
	readonly idempotencyKey?: string | undefined;
	/** ISO-8601 UTC; now, when it is left out. */
	readonly createdAt?: string | undefined;
}

/** A memory that is ready to be stored. */
export interface Draft {
	readonly content: NormalisedContent;
	readonly type: string;
	readonly importance: number;
	readonly tags: string | null;
	readonly pinned: boolean;
	readonly who: string;
	/** Why it was kept: `explicit` for what somebody asked for. */
	readonly why: string | null;
	readonly sourceType: string;
	readonly sourceId: string | null;
	readonly project: string | null;
	readonly category: string | null;
	readonly confidence: number;
	readonly sessionId: string | null;
	readonly position: number | null;
	readonly role: string | null;
	readonly runtimePath: string | null;
	readonly idempotencyKey: string | null;
	/** ISO-8601 UTC; undefined for now. */
	readonly createdAt: string | undefined;
}

const DEFAULT_WHO = "daemon";
const DEFAULT_SOURCE_TYPE = "manual";

/**
 * Read the notation and fill in what was left out; secrets go no further than here. Throws when nothing is left to
 * remember.
 */
export function draftMemory(request: RememberRequest, cleaner: TextCleaner): Draft {
	const { content, critical, tags } = parsePrefixes(request.content);
	const pinned = request.pinned ?? critical;
	const rest = {
		content,
		pinned,
		tags: request.tags ?? tags,
		importance: request.importance ?? (critical ? CRITICAL_IMPORTANCE : undefined),
		why: pinned ? "explicit-critical" : "explicit",
	};
	return draftText({ ...request, ...rest }, cleaner);
}

/** As `draftMemory`, for a text without notation, as a program comes across it. */
export function draftText(said: RememberRequest & { readonly why: string | null }, cleaner: TextCleaner): Draft {
	const request = cleanFields(said, cleaner);
	const content = normaliseContent(request.content);
	if (content.storage === "") throw invalidRequest("content is required");
	return {
		content,
		type: request.type ?? inferType(content.storage),
		importance: request.importance ?? DEFAULT_IMPORTANCE,
		tags: request.tags ?? null,
		pinned: request.pinned ?? false,
		who: request.who ?? DEFAULT_WHO,
		why: request.why,
		sourceType: request.sourceType ?? DEFAULT_SOURCE_TYPE,
		sourceId: request.sourceId ?? null,
		project: request.project ?? null,
		category: request.category ?? null,
		confidence: request.confidence ?? 1,
		sessionId: request.sessionId ?? null,
		position: request.position ?? null,
		role: request.role ?? null,
		runtimePath: request.runtimePath ?? null,
		idempotencyKey: request.idempotencyKey ?? null,
		createdAt: request.createdAt,
	};
}
