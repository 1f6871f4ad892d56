import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms, perSecond } from "./figure.ts";
import { type LoadFigures, load, timeEach } from "./load.ts";

const CLIENTS = 8;

/** Remember texts with eight clients; each answer says that it is on the disk. */
export function rememberAll(daemon: RunningDaemon, texts: readonly string[], clients = CLIENTS): Promise<LoadFigures> {
	return load(texts, clients, (content) => daemon.post("/api/memory/remember", { content }));
}

export function rememberRow(what: string, { p50, p99, perSecond: rate }: LoadFigures, target?: string): Figure {
	return {
		what: `remember, ${CLIENTS} clients, ${what}: throughput; p50 / p99`,
		figure: `${perSecond(rate)}; ${p50.toFixed(2)} / ${ms(p99)}`,
		...(target && { target }),
		floor: `${perSecond(CLIENTS * bareCommits().perSecond)} bare SQL, ${CLIENTS} rows a commit`,
	};
}

/** Rows of the same size in a table of one index, flushed to the disk as ours are. */
function bareCommits(): LoadFigures {
	const folder = mkdtempSync(join(tmpdir(), "signet-bench-"));
	using db = new Database(join(folder, "bare.db"));
	try {
		db.run("PRAGMA journal_mode = WAL");
		db.run("PRAGMA synchronous = FULL");
		db.run("CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, created_at TEXT NOT NULL)");
		const insert = db.query("INSERT INTO memories VALUES (?, ?, ?)");
		const commit = db.transaction((first: number) => {
			for (let at = first; at < first + CLIENTS; at++) insert.run(crypto.randomUUID(), "x".repeat(150), `${at}`);
		});
		return timeEach(
			Array.from({ length: 500 }, (_, at) => at * CLIENTS),
			commit,
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
