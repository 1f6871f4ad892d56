import { wholeCharacters } from "@signet/core";
import type { ShownMemory } from "@signet/db";
import type { QuestionWord } from "../lexical/word-scorer.ts";

export type ResultSource = "hybrid" | "vector" | "keyword" | "graph";

/** A memory as recall answers it. The first keys are the reference's, in its order. */
export interface RecallResult {
	readonly id: string;
	/** At most as long as configured, then ` [truncated]`. */
	readonly content: string;
	/** Length of the whole content in UTF-16 code units. */
	readonly content_length: number;
	readonly truncated: boolean;
	/** Two decimals. */
	readonly score: number;
	readonly source: ResultSource;
	readonly type: string;
	readonly tags: string | null;
	readonly pinned: boolean;
	readonly importance: number;
	readonly who: string | null;
	readonly project: string | null;
	readonly created_at: string;
	/** Not found by the question but belonging to what was; after all others. */
	readonly supplementary?: true;
	/** The part of a long memory that matched. */
	readonly snippet?: string;
	/** The memory that says what holds now. */
	readonly superseded_by?: string;
	/** Turns of the same session just before and after it, in their order, as far as asked for. */
	readonly context?: { readonly before: readonly ContextTurn[]; readonly after: readonly ContextTurn[] };
	/** With `explain`: what each part of the search gave. */
	readonly explain?: Readonly<Record<string, number | null>>;
}

/** A turn beside a result. */
export type ContextTurn = Pick<RecallResult, "id" | "content" | "truncated" | "who" | "created_at">;

export interface RecallExplanation {
	readonly profile: "signet" | "reference";
	/** Words that were searched for, and how many documents have them, where that is known. */
	readonly words: readonly (Pick<QuestionWord, "word"> & Partial<QuestionWord>)[];
	/** Model of the vectors that were compared; null when there were none. */
	readonly model: string | null;
	/** What a similarity of 1 counts beside having all words; our own ranking alone says so. */
	readonly vectorWeight?: number;
	/** Candidates that each leg gave. */
	readonly candidates: { readonly lexical: number; readonly vector: number };
	readonly timingsMs: Readonly<Record<string, number>>;
}

export interface RecallAnswer {
	readonly results: readonly RecallResult[];
	readonly query: string;
	/** Which legs gave the answer. */
	readonly method: "hybrid" | "keyword";
	/** How sure we are that anything is known about it, from 0 to 1, two decimals; our own ranking alone says so. */
	readonly confidence?: number;
	/** Too unsure to be told unasked. */
	readonly abstain?: true;
	/** Why the answer may be worse than usual, in words for a person. */
	readonly degraded?: string;
	readonly explain?: RecallExplanation;
}

const TRUNCATED = " [truncated]";

/** What of a row goes into every answer. */
export function shapeRow(
	row: ShownMemory,
	{ score, source, truncateChars }: { score: number; source: ResultSource; truncateChars: number },
): RecallResult {
	const { content } = row;
	const isLong = content.length > truncateChars;
	return {
		id: row.id,
		content: isLong ? content.slice(0, wholeCharacters(content, truncateChars)) + TRUNCATED : content,
		content_length: content.length,
		truncated: isLong,
		score: roundScore(score),
		source,
		type: row.type,
		tags: row.tags,
		pinned: row.pinned === 1,
		importance: row.importance,
		who: row.who,
		project: row.project,
		created_at: row.created_at,
	};
}

/** Two decimals, halves up, on the double as it is. */
export function roundScore(score: number): number {
	return Math.round(score * 100) / 100;
}
