import { makeWay, serveStandingThread } from "@signet/core";
import { openWriter } from "./connection.ts";

/** Where a thread begins: moving the log of a database into its file, each time that it is asked to. */

makeWay();
serveStandingThread(async (file: string): Promise<void> => {
	// A connection that is open when the thread is ended would stay open.
	const db = openWriter(file);
	try {
		// Keeps nobody from reading or writing, and leaves what is read at the moment.
		db.run("PRAGMA main.wal_checkpoint(PASSIVE)");
	} finally {
		db.close();
	}
});
