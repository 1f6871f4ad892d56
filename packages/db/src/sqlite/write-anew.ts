import { openWriter } from "./connection.ts";
import { rebuildFullText } from "./full-text.ts";
import { markFullTextBehind, markWrittenByUs } from "./schema/marks.ts";
import { markSchemaVerified } from "./schema/verified.ts";

const CHECKPOINT_WAIT_MS = 500;

/**
 * Write a database anew, so that nothing is left of what was deleted in it. Keeps the thread busy for about a second for
 * 100 MB. Nobody else may write meanwhile. Broken off, it is as it was.
 */
export function writeAnew(file: string): void {
	const db = openWriter(file);
	try {
		// It may be larger than the memory.
		db.run("PRAGMA temp_store = FILE");
		// This may give the rows other numbers, by which the full-text table knows them.
		markFullTextBehind(db);
		db.run("VACUUM");
		rebuildFullText(db);
		markWrittenByUs(db);
		markSchemaVerified(db);
		// Others wait to write; who reads may hold that up.
		db.run(`PRAGMA busy_timeout = ${CHECKPOINT_WAIT_MS}`);
		db.run("PRAGMA wal_checkpoint(TRUNCATE)");
	} finally {
		db.close();
	}
}
