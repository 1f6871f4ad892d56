import { isScoped, type MemoryScope } from "@signet/core";
import { countDocuments, type Reader } from "@signet/db";

const MAX_SCOPES = 1_000;
/** A count serves until so much of it may have come or gone. */
const DRIFT = 0.1;

/**
 * How many documents somebody may see. Whose memories are few among many of others has few: how rare a word is, and how sure
 * an answer, neither depends on the others nor tells how many there are. Counting takes a while, so counts are kept.
 */
export class SeenDocuments {
	readonly #counts = new Map<string, { readonly seen: number; readonly ofAll: number }>();

	/** @param documentCount how many there are in all */
	async count(reader: Reader, scope: MemoryScope, documentCount: number): Promise<number> {
		if (!isScoped(scope)) return documentCount;
		const key = JSON.stringify([scope.project, scope.agent, scope.user]);
		const known = this.#counts.get(key);
		if (known && Math.abs(documentCount - known.ofAll) <= DRIFT * known.seen) return known.seen;
		const seen = await countDocuments(reader, scope);
		if (this.#counts.size >= MAX_SCOPES) this.#counts.clear();
		this.#counts.set(key, { seen, ofAll: documentCount });
		return seen;
	}
}
