import { normaliseContent } from "@signet/core";
import type { Found } from "@signet/transfer/formats";
import type { RowOutcome } from "./account.ts";

type Row = Exclude<Found, { why: string }>;

/** A row's outcome, with what the daemon says of it when nothing is changed. */
export interface TriedOutcome extends RowOutcome {
	readonly id?: string | undefined;
	readonly isUpdate?: boolean | undefined;
	readonly belongsTo?: string | undefined;
}

/**
 * What rows would become, when each is only tried: the daemon does not know what it would have kept a moment ago. This
 * does, and so the account is the one that there would be.
 */
export class DryRun {
	readonly #seen = new Set<string>();
	/** Memories by their ids there: whether they would be taken under them. */
	readonly #memories = new Map<string, "taken" | "updated" | "elsewhere">();

	/** The outcome that a row would have after all rows before it. */
	judge(row: Row, tried: TriedOutcome): RowOutcome {
		const outcome = this.#isTwin(row, tried) ? { ...tried, outcome: "merged" } : tried;
		if (row.kind === "memory" && typeof row.row.id === "string") {
			const isHere = tried.id === row.row.id && outcome.outcome !== "refused" && outcome.outcome === tried.outcome;
			this.#memories.set(row.row.id, isHere ? (tried.isUpdate ? "updated" : "taken") : "elsewhere");
		}
		if (outcome.outcome !== "kept" || tried.belongsTo === undefined) return outcome;
		const memory = this.#memories.get(tried.belongsTo);
		// The history of one that is updated is its own.
		if (memory === "updated") return { outcome: "merged" };
		if (memory !== "elsewhere") return outcome;
		return { outcome: "refused", why: "its memory was not taken under that id" };
	}

	#isTwin(row: Row, { outcome }: TriedOutcome): boolean {
		if (outcome !== "kept") return false;
		const key = keyOf(row);
		if (this.#seen.has(key)) return true;
		this.#seen.add(key);
		return false;
	}
}

/** The same for rows of which only one would be kept. */
function keyOf(row: Row): string {
	if (row.kind === "text") return normaliseContent(String(row.memory.content)).hash;
	// Forgotten ones may say what others say.
	if (row.kind === "memory") {
		return row.row.is_deleted === 1 ? String(row.row.id) : normaliseContent(String(row.row.content)).hash;
	}
	return `${row.kind} ${row.row.id ?? `${row.row.memory_id} ${row.row.entity_id}`}`;
}
