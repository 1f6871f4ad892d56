import { Database as SqliteFile } from "bun:sqlite";
import { startupFailure } from "./failures.ts";
import { planUpgrade } from "./schema/upgrade.ts";

export interface DatabaseFinding {
	readonly isSound: boolean;
	readonly message: string;
	readonly advice?: string;
}

const MAX_FINDINGS = 5;

/** Look a database over without changing it, while it is in use or not: can it be opened, is each page sound. */
export function checkDatabase(file: string): DatabaseFinding[] {
	let db: SqliteFile | undefined;
	try {
		db = new SqliteFile(file, { readonly: true });
		const { version, isNeeded } = planUpgrade(db);
		const findings = db
			.query<{ integrity_check: string }, []>(`PRAGMA integrity_check(${MAX_FINDINGS})`)
			.all()
			.map((row) => row.integrity_check);
		const rows = isNeeded
			? undefined
			: db.query<{ n: number }, []>("SELECT count(*) AS n FROM memories WHERE is_deleted IS NOT 1").get()?.n;
		if (findings.length === 1 && findings[0] === "ok") {
			const content =
				rows === undefined ? "it will be upgraded at the next start" : `${rows} ${rows === 1 ? "memory" : "memories"}`;
			return [{ isSound: true, message: `sound, schema version ${version}, ${content}` }];
		}
		return findings.map((message) => ({
			isSound: false,
			message,
			advice: "Stop the daemon and put back a backup: the files memories.db.bak-* beside it are complete copies.",
		}));
	} catch (error) {
		const { message, advice } = startupFailure(error, file);
		return [{ isSound: false, message, advice }];
	} finally {
		db?.close();
	}
}
