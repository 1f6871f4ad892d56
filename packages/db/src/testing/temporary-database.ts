import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import type { Database } from "../database.ts";
import { openSqlite } from "../sqlite/open.ts";

export interface TemporaryDatabase extends AsyncDisposable {
	readonly database: Database;
	readonly file: string;
	readonly world: SeededWorld;
	/** Failures of works before a commit, in order. */
	readonly derivationFailures: unknown[];
}

/** A real database in a folder that goes away with it; `prepare` may put an old file there first. */
export async function temporaryDatabase(prepare?: (file: string) => void): Promise<TemporaryDatabase> {
	const folder = mkdtempSync(join(tmpdir(), "signet-db-"));
	const file = join(folder, "memories.db");
	prepare?.(file);
	const derivationFailures: unknown[] = [];
	const world = seededWorld();
	const { database } = await openSqlite({
		file,
		world,
		vectorTable: { libraryFile: undefined, cacheFolder: folder },
		onDerivationFailure: (error) => derivationFailures.push(error),
	});
	return {
		database,
		file,
		world,
		derivationFailures,
		async [Symbol.asyncDispose]() {
			await database.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
