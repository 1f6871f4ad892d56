import { inThread } from "@signet/core";
import type { DatabaseRequest, DatabaseWorks } from "./database-thread.ts";
import { databaseThreadFile } from "./database-thread-file.ts";

/** Do a work on a database file in a thread of its own, so that nobody waits for it here. Rejects when it fails. */
export function workInThread<Name extends keyof DatabaseWorks>(
	name: Name,
	file: string,
): Promise<ReturnType<DatabaseWorks[Name]>> {
	return inThread<DatabaseRequest, ReturnType<DatabaseWorks[Name]>>(databaseThreadFile(), { name, file });
}
