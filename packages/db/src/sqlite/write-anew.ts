import { openWriter } from "./connection.ts";
import { rebuildFullText } from "./full-text.ts";
import { markFullTextBehind, markWrittenByUs } from "./schema/marks.ts";
import { markSchemaVerified } from "./schema/verified.ts";

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
		db.run("PRAGMA wal_checkpoint(TRUNCATE)");
	} finally {
		db.close();
	}
}

/** Move the log into the file and empty it; false while somebody reads it. For logs that are too large to do so in passing. */
export function emptyLogOf(file: string): boolean {
	const db = openWriter(file);
	try {
		return db.query<{ busy: number }, []>("PRAGMA main.wal_checkpoint(TRUNCATE)").get()?.busy === 0;
	} finally {
		db.close();
	}
}
