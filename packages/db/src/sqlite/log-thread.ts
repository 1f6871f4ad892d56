import type { Database } from "bun:sqlite";
import { makeWay, serveStandingThread } from "@signet/core";
import { openWriter } from "./connection.ts";

/** Where a thread begins: moving the log of a database into its file, each time that it is asked to. */

let db: Database | undefined;

makeWay();
serveStandingThread<never, { readonly file: string }, undefined>({
	told: () => undefined,
	async answer({ file }) {
		db ??= openWriter(file);
		// Keeps nobody from reading or writing, and leaves what is read at the moment.
		db.run("PRAGMA main.wal_checkpoint(PASSIVE)");
		return undefined;
	},
});
