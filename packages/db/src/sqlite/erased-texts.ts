import { normaliseContent, textFingerprint } from "@signet/core";
import { ABSENCE_KEY } from "../stores/erased.ts";
import { openReader } from "./connection.ts";

/** What must not be anywhere any more. */
export interface Erased {
	/** Memories whose erasure has not come to its end. */
	readonly ids: ReadonlySet<string>;
	isErased(text: string): boolean;
}

/** What a database says was erased: memories by their ids, texts by their hashes. */
export function readErased(file: string): Erased {
	const db = openReader(file);
	try {
		const key = db
			.query<{ value: string }, [string]>("SELECT value FROM sgn_state WHERE key = ?")
			.get(ABSENCE_KEY)?.value;
		const fingerprints = db.query<{ fingerprint: string }, []>("SELECT fingerprint FROM sgn_erased").all();
		const ids = db
			.query<{ id: string }, []>(
				"SELECT memory_id AS id FROM memory_jobs WHERE job_type = 'erase' AND status <> 'completed'",
			)
			.all();
		const known = new Set(fingerprints.map(({ fingerprint }) => fingerprint));
		return {
			ids: new Set(ids.map(({ id }) => id)),
			isErased: (text) => key !== undefined && known.has(textFingerprint(key, normaliseContent(text))),
		};
	} finally {
		db.close();
	}
}
